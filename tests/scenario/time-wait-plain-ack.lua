-- T5: a plain ACK in sequence is not answered in TIME-WAIT; two waiting ends would never stop.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
local function both(host, conn) host:sleep(1 - sim:now()); conn:close() end
server:serve(80, function(conn) both(server, conn) end)
client:spawn(function() both(client, assert(client:connect(server, 80, { local_port = 5000 }))) end)
link:inject { at = "2s", from = server, port = 80, to = client, to_port = 5000, flags = "ACK", seq = 301, ack = 101 }
sim:run()
dw.expect(sim):packets({ after = "1.5s", from = client }, 0)
