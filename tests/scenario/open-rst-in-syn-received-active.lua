-- O9: a RST in SYN-RECEIVED that came from an active open refuses the connection (RFC 9293 3.10.7.4, MUST-11).
local dw = require "drywire"
dw.covers("MUST-11", "MUST-12")
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
link:inject { at = "1s", from = server, port = 7000, to = client, to_port = 7000, flags = "SYN", seq = 299 }
link:inject { at = "1.01s", from = server, port = 7000, to = client, to_port = 7000, flags = "RST", seq = 300 }
link:drop { from = client, before = "2s" }
local why
client:spawn(function() why = select(2, client:connect("server", 7000, { local_port = 7000 })) end)
sim:run()
assert(why == "refused")
dw.expect(client):states "CLOSED SYN-SENT SYN-RECEIVED CLOSED"
