-- P14: a path MTU is kept for its destination (RFC 1191 6.1): later connections there begin with it, and announce the MSS of their own link; others are not concerned. After ten minutes larger segments are tried again (6.3).
local dw = require "drywire"
local function run(profile, tcp, check)
  tcp.pmtu_expires = "10s"
  local sim = dw.sim { profile = profile, tcp = tcp }
  local a, r, q, b, c = sim:host "a", sim:host "r", sim:host "q", sim:host "b", sim:host "c"
  sim:link(a, r, { delay = "5ms" })
  local narrow = sim:link(r, q, { delay = "5ms", mtu = 1000 })
  sim:link(q, b, { delay = "5ms" })
  sim:link(r, c, { delay = "5ms" })
  for _, host in ipairs { b, c } do host:serve(80, function(conn) conn:recv_all(); conn:close() end) end
  local function largest(conn)
    local before, most = #sim.trace:packets { from = "a", has_data = true }, 0
    conn:send(("x"):rep(6000))
    a:sleep "1s"
    for i, p in ipairs(sim.trace:packets { from = "a", has_data = true }) do most = math.max(most, i > before and p.len or 0) end
    return most
  end
  a:spawn(function()
    local old = assert(a:connect(b, 80))
    old:send(("x"):rep(6000)); a:sleep "1s"
    local options = old:info().timestamps == 1 and 12 or 0
    assert(old:info().pmtu == 1000 and old:info().snd_mss == 960 - options)
    local new, other = assert(a:connect(b, 80)), assert(a:connect(c, 80))
    assert(new:info().snd_mss == 960 - options and other:info().snd_mss == 1460 - options)
    assert(largest(new) == 960 - options)
    -- The way is wide now, and nobody knows until the ten seconds are over.
    narrow:set { mtu = 1500 }
    a:sleep "10s"
    assert(largest(old) == (check.grows and 1460 or 960) - options)
    assert(assert(a:connect(b, 80)):info().snd_mss == 1460 - options)
  end)
  sim:run "40s"
  for i, p in ipairs(sim.trace:packets { from = a, flags = "=SYN" }) do
    assert(dw.tcp_options(p.options).mss == (i == 2 and check.told or 1460))
  end
  dw.expect(a):cause("icmp-too-big", 1)
end
run("rfc9293", {}, { grows = true, told = 1460 })
run("linux", {}, { grows = true, told = 1460 })
run("freebsd", {}, { grows = false, told = 960 })
run("rfc9293", { pmtu_grows = false, mss_tells_path = true }, { grows = false, told = 960 })
