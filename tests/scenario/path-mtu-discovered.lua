-- P11: a router says that segments are too big: smaller ones at once (RFC 1191).
local dw = require "drywire"
dw.covers "MUST-54"
local sim = dw.sim {  }
local client, server = sim:host "client", sim:host "server"
local router, gateway = sim:host "router", sim:host "gateway"
sim:link(client, router, { delay = "5ms" })
sim:link(router, gateway, { delay = "10ms", mtu = 1000 })     -- narrow, and neither end knows
sim:link(gateway, server, { delay = "5ms" })

local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(20000)); conn:close()
end)
sim:run()
assert(#got == 20000)
dw.expect(client):cause("icmp-too-big", 1)
for _, p in ipairs(sim.trace:packets { from = client, has_data = true, after = "80ms" }) do assert(p.len <= 960) end
local smaller = 0
for _, p in ipairs(sim.trace:packets { from = client, has_data = true }) do
  if p.cause == "resend-smaller" then smaller = smaller + 1 end
end
assert(smaller > 0)
dw.expect(client):reaches("TIME-WAIT", { by = "1s" })
