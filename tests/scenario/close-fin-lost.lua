-- C1, C2: A FIN is lost: it is retransmitted with the same sequence number.
local dw = require "drywire"
dw.covers "MUST-22"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
link:drop { from = client, flags = "FIN", nth = { 1, 2 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect("server", 80)):close() end)
sim:run()
dw.expect(sim):packets({ from = client, flags = "FIN", seq = 100 }, 3)
dw.expect(server):reaches "CLOSED"
