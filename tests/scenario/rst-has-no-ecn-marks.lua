-- A RST that answers a segment is sent with that segment's type of service, but not with its marks of ECN, which only data may have (RFC 3168 6.1.4).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "1ms" }
link:inject { at = "1ms", from = client, port = 7, to = server, to_port = 8, flags = "ACK", seq = 1, ack = 2, tos = 0x2b, data = "x" }
sim:run()
local reset = sim.trace:packets({ from = server, flags = "RST" })[1]
assert(reset.tos == 0x28, reset.tos)
