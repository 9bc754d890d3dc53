-- O12: an old duplicate SYN is answered, reset by the client, and forgotten; the true one then works (figure 8).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
link:delay { from = client, flags = "SYN", nth = 1, by = "500ms" }
link:inject { at = "10ms", from = client, port = 5000, to = server, to_port = 80, flags = "SYN", seq = 7 }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })):close() end)
sim:run()
dw.expect(server):states "LISTEN SYN-RECEIVED LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED"
dw.expect(sim):packets({ from = client, flags = "=RST" }, 1)
