-- O8: SYNs cross and one SYN,ACK is lost: the other end's retransmission completes the handshake.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
link:drop { from = client, flags = "SYN,ACK", nth = 1 }
client:spawn(function() assert(client:connect("server", 7000, { local_port = 7000 })) end)
server:spawn(function() assert(server:connect("client", 7000, { local_port = 7000 })) end)
sim:run()
for _, host in ipairs { client, server } do dw.expect(host):reaches "ESTABLISHED" end
