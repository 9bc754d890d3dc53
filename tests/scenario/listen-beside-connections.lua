-- One can listen on a port while a connection of that port is in SYN-SENT; a passive OPEN disturbs none (MUST-41, MUST-42).
local dw = require "drywire"
dw.covers("MUST-41", "MUST-42")
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
link:drop { from = client, flags = "=SYN", nth = 1 }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect(server, 80, { local_port = 80 })):close() end)
client:spawn(function()
  client:sleep "100ms"
  assert(client:conn():state() == "SYN-SENT")
  client:serve(80, function(conn) conn:recv_all(); conn:close() end)
  assert(not pcall(client.listen, client, 80))        -- but not twice
end)
server:spawn(function() server:sleep "200ms"; assert(server:connect(client, 80)):close() end)
sim:run()
dw.expect(client):states "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED"
