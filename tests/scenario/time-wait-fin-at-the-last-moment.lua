-- T4: a FIN just before 2 MSL are over restarts the whole wait, and there is no race.
local dw = require "drywire"
dw.covers "MUST-13"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, msl = "1s" }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })):close() end)
-- TIME-WAIT begins at 80 ms and would end at 2.08 s.
link:inject { at = "2.059s", from = server, port = 80, to = client, to_port = 5000, flags = "FIN,ACK", seq = 300, ack = 101 }
link:drop { from = server, flags = "RST" }      -- the server, long closed, would reset what we answer
sim:run()
dw.expect(client):cause "time-wait-restart"
dw.expect(client):stays("TIME-WAIT", { lasting = "3.9s" })
dw.expect(client):reaches("CLOSED", { by = "4.1s" })
