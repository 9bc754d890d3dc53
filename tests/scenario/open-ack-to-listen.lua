-- O18: an ACK that reaches LISTEN draws RST with SEQ SEG.ACK (RFC 9293 3.10.7.2).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:listen(80)
link:inject { from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 7, ack = 777 }
sim:run()
dw.expect(sim):packets({ from = server, flags = "=RST", seq = 777 }, 1)
