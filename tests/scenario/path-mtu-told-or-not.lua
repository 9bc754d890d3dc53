-- P15: what ICMP says of the size: nothing (a plateau of RFC 1191 7.1, or the least), less than there can be (a forgery, or the least), or something of what was not sent (RFC 5927 4.1).
local dw = require "drywire"
-- A connection is told `mtu` about the octet at SND.UNA + offset, with 1460 octets outstanding or none; the path MTU that it then goes by.
local function told(tcp, mtu, offset, idle, profile)
  local sim = dw.sim { profile = profile or "rfc9293", tcp = tcp }
  local a, b = sim:host "a", sim:host "b"
  local link, pmtu = sim:link(a, b, { delay = "20ms" }), nil
  b:serve(80, function(conn) conn:recv_all(); conn:close() end)
  a:spawn(function()
    local conn = assert(a:connect(b, 80, { local_port = 5000 }))
    if not idle then conn:send(("x"):rep(2000)) end
    link:inject { from = b, to = a, protocol = "icmp", flags = "fragmentation-needed", mtu = mtu, port = 5000, to_port = 80,
                  seq = conn:info().snd_una + (offset or 0) }
    a:sleep "30ms"
    pmtu = conn:info().pmtu
    conn:close()
  end)
  sim:run "10s"
  return pmtu
end
assert(told({}, 1100) == 1100)
-- Nothing: the plateau below 1500; 1280 is one of FreeBSD's; Linux goes down to its least at once.
assert(told({}, 0) == 1492)
assert(told({ pmtu_untold = "freebsd" }, 0) == 1492)
assert(told({}, 0, 0, false, "linux") == 552)
assert(told({ pmtu_untold = "linux", min_pmtu = "600B" }, 0) == 600)
-- Less than any link has; less than the host wants to believe; more than there is.
assert(told({}, 67) == 1500 and told({}, 68) == 68)
assert(told({ min_pmtu = "600B" }, 67) == 600 and told({}, 300, 0, false, "linux") == 552)
assert(told({}, 9000) == 1500)
-- Before SND.UNA, at SND.NXT, behind it.
assert(told({}, 1000, -1) == 1500 and told({}, 1000, 1459) == 1000 and told({}, 1000, 1460) == 1500)
assert(told({}, 1000, 0, true) == 1500)
for _, offset in ipairs { 0, 1 } do
  assert(told({ icmp_at_snd_nxt = true }, 1000, offset, true) == (offset == 0 and 1000 or 1500))
end
-- A host that does not discover path MTUs believes none.
assert(told({ pmtu_discovery = false }, 1000) == 1500)
