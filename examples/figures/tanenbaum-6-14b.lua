-- Tanenbaum figure 6-14 (b): release, the final ACK is lost
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
link:drop { from = client, flags = "=ACK", nth = 2 }
client:spawn(function() assert(client:connect(server, 80)):close() end)
sim:run()
dw.expect(sim):packets({ from = server, flags = "FIN" }, 2)
dw.expect(client):cause "time-wait-restart"
dw.expect(server):reaches "CLOSED"
