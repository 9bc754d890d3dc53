-- C24, C25: a FIN after losses is processed as ever, and its timer stops when it is acknowledged.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms" }
link:drop { from = client, has_data = true, nth = { 2, 5, 6 } }
server:serve(80, function(conn) assert(#conn:recv_all() == 14600); server:sleep "30s"; conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(14600)); conn:close()
end)
sim:run()
local fins = sim.trace:packets { from = client, flags = "FIN" }
for _, p in ipairs(fins) do assert(p.time < 10) end   -- none while FIN-WAIT-2 lasts
dw.expect(client):states "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED"
