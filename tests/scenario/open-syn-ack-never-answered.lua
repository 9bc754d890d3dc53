-- O4: Nobody answers the SYN,ACK: the listener gives up after R2 and the place in its backlog is free.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms" }
link:inject { from = client, port = 5000, to = server, to_port = 80, flags = "SYN", seq = 1 }
link:drop { from = client, flags = "RST" }
local listener = server:listen(80, { backlog = 1 })
sim:run()
dw.expect(server):states "LISTEN -> SYN-RECEIVED -> LISTEN"
assert(listener:info().half_open == 0 and sim:now() > 180)
