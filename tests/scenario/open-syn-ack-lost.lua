-- O2: The SYN,ACK is lost: the client repeats its SYN and gets the same SYN,ACK (RFC 9293 3.10.7.4).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 100, 300 } }
link:drop { flags = "=SYN,ACK", nth = 1 }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect("server", 80)):close() end)
sim:run()
for _, p in ipairs(sim.trace:packets { flags = "=SYN,ACK" }) do assert(p.seq == 300 and p.ack == 101) end
dw.expect(server):states "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED"
