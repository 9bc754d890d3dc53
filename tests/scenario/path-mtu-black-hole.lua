-- P12: the ICMP errors are filtered: the connection stalls, visibly, unless black holes are looked for (RFC 2923, RFC 4821).
local dw = require "drywire"
for _, detect in ipairs { false, true } do
  local sim = dw.sim { tcp = { blackhole_detection = detect } }
  local client, server = sim:host "client", sim:host "server"
  local router, gateway = sim:host "router", sim:host "gateway"
  sim:link(client, router, { delay = "5ms" })
  sim:link(router, gateway, { delay = "10ms", mtu = 1000 })     -- narrow, and neither end knows
  sim:link(gateway, server, { delay = "5ms" })
  router:drop { flags = "fragmentation-needed" }
  local got = 0
  server:serve(80, function(conn) for data in conn:chunks() do got = got + #data end; conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(20000)); conn:close()
  end)
  sim:run "60s"
  assert((got == 20000) == detect)
end
