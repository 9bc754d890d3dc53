-- Stevens figure 18.19: simultaneous close
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) server:sleep "940ms"; conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  client:sleep "960ms"; conn:close()
end)
sim:run()
dw.expect(client):states "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT CLOSED"
dw.expect(server):states "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT CLOSED"
