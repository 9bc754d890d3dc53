-- C10: Simultaneous close with one ACK lost: CLOSING repeats its FIN.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms" }
client:on_state("CLOSING", function() link:drop { from = client, flags = "=ACK", count = 1 } end)
server:serve(80, function(conn) server:sleep "940ms"; conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  client:sleep "960ms"
  conn:close()
end)
sim:run()
dw.expect(sim):packets({ from = server, flags = "FIN" }, 2)
dw.expect(server):states "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT CLOSED"
