-- O19: a SYN,ACK for another SYN is reset, and SYN-SENT waits on (RFC 9293 3.10.7.3).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
link:delay { from = client, flags = "=SYN", nth = 1, by = "200ms" }
link:inject { at = "10ms", from = server, port = 80, to = client, to_port = 5000, flags = "SYN,ACK", seq = 9, ack = 55 }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })):close() end)
sim:run()
dw.expect(sim):packets({ from = client, flags = "=RST", seq = 55 }, 1)
dw.expect(client):reaches "ESTABLISHED"
