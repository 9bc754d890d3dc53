-- C3: the ACK of the FIN is lost: the peer repeats its FIN, is acknowledged again, and nothing else changes.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
link:drop { from = server, flags = "=ACK", nth = 1 }
server:serve(80, function(conn) conn:recv_all(); server:sleep "5s"; conn:close() end)
client:spawn(function() assert(client:connect(server, 80)):close() end)
sim:run()
dw.expect(sim):packets({ from = client, flags = "FIN", seq = 100 }, 2)
dw.expect(server):states "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED"
