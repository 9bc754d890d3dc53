-- RFC 1191: path MTU discovery
local dw = require "drywire"
local sim = dw.sim {  }
local client, server, router, gateway = sim:host("client", { isn = 99 }), sim:host("server", { isn = 299 }), sim:host "router", sim:host "gateway"
sim:link(client, router, { delay = "5ms" })
sim:link(router, gateway, { delay = "10ms", mtu = 1000 })          -- narrow, and neither end knows
sim:link(gateway, server, { delay = "5ms" })
local got = 0
server:serve(80, function(conn) for data in conn:chunks() do got = got + #data end; conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(4000)); conn:close()
end)
sim:run()
assert(got == 4000)
dw.expect(client):cause("icmp-too-big", 1)
dw.expect(sim):packets({ from = router, flags = "fragmentation-needed" }, #sim.trace:packets { flags = "fragmentation-needed" })
for _, p in ipairs(sim.trace:packets { from = client, has_data = true, after = "60ms" }) do assert(p.len <= 960) end
