-- IPv6 (RFC 8200): a connection over two routers with a narrower link between them.  ICMPv6 says so
-- (RFC 4443 3.2), and the MSS allows for the longer header (RFC 6691); a closed port refuses as ever.
local dw = require "drywire"
local sim = dw.sim {}
local a = sim:host("a", { addr = "2001:db8::1" })
local r1, r2 = sim:host("r1", { addr = "2001:db8::2" }), sim:host("r2", { addr = "2001:db8:1::2" })
local b = sim:host("b", { addr = "2001:db8:1::1" })
sim:link(a, r1, { delay = "10ms" })
sim:link(r1, r2, { delay = "10ms", mtu = 1280 })
sim:link(r2, b, { delay = "10ms" })

local got
b:serve(80, function(conn)
  got = #conn:recv_all()
  conn:close()
end)
a:spawn(function()
  local conn = assert(a:connect(b, 80))
  conn:send(("x"):rep(20000))
  conn:close()
end)
a:spawn(function()
  local conn, why = a:connect(b, 81)
  assert(not conn and why == "refused")
end)
sim:run()

assert(got == 20000)
dw.expect(a):cause("icmp-too-big", 1)
for _, p in ipairs(sim.trace:packets { from = a, has_data = true, after = "150ms" }) do assert(p.len <= 1220) end
dw.expect(a):reaches "TIME-WAIT"
