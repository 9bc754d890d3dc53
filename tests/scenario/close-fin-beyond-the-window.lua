-- C26: data with FIN that reaches beyond the window: what fits is taken, the FIN is not yet.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, buffer = 1000, checks = "off" }
server:serve(80, function(conn) server:sleep "5s"; conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })) end)
link:inject { at = "1s", from = client, port = 5000, to = server, to_port = 80, flags = "FIN,ACK", seq = 100, ack = 300, data = ("x"):rep(1200) }
sim:run "2s"
local info = server:conn():info()
assert(info.unread == 1000 and info.rcv_nxt == 1100 and info.state == "ESTABLISHED")
