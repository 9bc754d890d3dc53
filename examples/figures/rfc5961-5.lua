-- RFC 5961 section 5: data injected with a guessed ACK is refused
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:listen(80)
client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })) end)
local far = 100 - 70000 + 2 ^ 32 // 1 | 0       -- older than the largest window there ever was
link:inject { at = "1s", from = server, port = 80, to = client, to_port = 5000, flags = "PSH,ACK", seq = 300, ack = far, data = "evil" }
link:inject { at = "2s", from = server, port = 80, to = client, to_port = 5000, flags = "PSH,ACK", seq = 300, ack = 5000, data = "evil" }
sim:run()
dw.expect(client):cause("ack-out-of-range", 2)
assert(client:conn():info().unread == 0)
