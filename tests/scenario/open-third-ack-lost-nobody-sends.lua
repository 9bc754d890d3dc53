-- O3, O6: The third ACK is lost and nobody sends: the server repeats its SYN,ACK, the client answers with a plain ACK.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 100, 300 } }
link:drop { from = client, flags = "=ACK", nth = 1 }
server:serve(80, function(conn) conn:recv() end)
client:spawn(function() assert(client:connect("server", 80)) end)
sim:run "10s"
dw.expect(sim):packets({ flags = "=SYN,ACK" }, 2)
dw.expect(sim):packets({ from = client, flags = "=ACK", seq = 101 }, 2)
dw.expect(server):reaches "ESTABLISHED"
dw.expect(client):states "CLOSED -> SYN-SENT -> ESTABLISHED"
