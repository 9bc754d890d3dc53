-- P18: blackhole_detection as FreeBSD has it: two smaller sizes, each with two chances, and back to the usual one when all are lost alike (RFC 2923 2.1). And the MSS of a peer that tells none (MUST-15).
local dw = require "drywire"
dw.covers "MUST-15"
local function sizes(tcp, family, lose, profile)
  tcp.blackhole_detection = true
  local sim = dw.sim { profile = profile or "rfc9293", tcp = tcp }
  local a = sim:host("a", { addr = family == 6 and "2001:db8::1" or nil })
  local b = sim:host("b", { addr = family == 6 and "2001:db8::2" or nil })
  local link = sim:link(a, b, { delay = "5ms" })
  b:serve(80, function(conn) conn:recv_all(); conn:close() end)
  link:drop { from = a, has_data = true, count = lose }
  a:spawn(function()
    local conn = assert(a:connect(b, 80))
    conn:send(("x"):rep(1400)); conn:close()
  end)
  sim:run "95s"
  local out = {}
  for i, p in ipairs(sim.trace:packets { from = "a", has_data = true }) do if i <= 8 then out[i] = p.len end end
  return table.concat(out, " "), sim
end
local at = { mss = "1400B", blackhole_mss = "1000B", mss_default = "500B" }
local text, sim = sizes({ mss = at.mss, blackhole_mss = at.blackhole_mss, mss_default = at.mss_default }, 4, 7)
assert(text:find "^1400 1400 1000 1000 500 500 1400", text)
dw.expect(sim:host "a"):cause("pmtu-no-black-hole", 1)
assert(sizes({ mss = at.mss, blackhole_mss = at.blackhole_mss }, 4, 2):find "^1400 1400 1000 400", text)
-- IPv6 has one smaller size.
text = sizes({ mss = at.mss, blackhole_mss_v6 = "1220B" }, 6, 5)
assert(text:find "^1400 1400 1220 1220 1400", text)
-- With timestamps the options are part of it.
text = sizes({ mss = at.mss }, 4, 3, "freebsd")
assert(text:find "^1388 12 1388 1188 ", text)

-- A peer that tells no MSS: 536, in IPv6 1220; Linux has 536 there, too.
for _, case in ipairs { { {}, 4, 536 }, { {}, 6, 1220 }, { {}, 6, 524, "linux" }, { { mss_default = "700B" }, 4, 700 },
                        { { mss_default_v6 = "600B" }, 6, 600 } } do
  local tcp, family, mss = case[1], case[2], case[3]
  local pair = dw.sim { profile = case[4] or "rfc9293", tcp = tcp }
  local a = pair:host("a", { addr = family == 6 and "2001:db8::1" or nil })
  local b = pair:host("b", { addr = family == 6 and "2001:db8::2" or nil })
  local link = pair:link(a, b, { delay = "5ms" })
  link:rewrite { from = b, flags = "SYN", set = { strip = "mss" } }
  b:serve(80, function(conn) conn:recv_all(); conn:close() end)
  local told
  a:spawn(function() local conn = assert(a:connect(b, 80)); told = conn:info().snd_mss; conn:close() end)
  pair:run "5s"
  assert(told == mss, told)
end
