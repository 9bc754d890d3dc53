-- Tanenbaum figure 6-14 (c): release, the response is lost
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
link:drop { from = server, after = "50ms", count = 2 }
client:spawn(function() assert(client:connect(server, 80)):close() end)
sim:run()
dw.expect(sim):packets({ from = client, flags = "FIN" }, 2)
dw.expect(server):reaches "CLOSED"
dw.expect(client):reaches "TIME-WAIT"
