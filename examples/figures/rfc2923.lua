-- RFC 2923: a path MTU black hole, and looking for it (RFC 4821)
local dw = require "drywire"
local sim = dw.sim { tcp = { blackhole_detection = dw.param("detect", true) } }
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
router:drop { flags = "fragmentation-needed" }          -- filtered, as it is so often
sim:run "30s"
assert((got == 4000) == dw.param("detect", true))
dw.expect(client):cause("pmtu-black-hole")
