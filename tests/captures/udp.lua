-- A datagram: what a capture without TCP is made of.
local dw = require "drywire"
local sim, a, b, link = dw.pair { delay = "1ms" }
link:inject { protocol = "udp", from = a, to = b, port = 5000, to_port = 7, data = "hello" }
sim:run()
