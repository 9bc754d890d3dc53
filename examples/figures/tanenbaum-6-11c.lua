-- Tanenbaum figure 6-11 (c): an old request and an old acknowledgment
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
client:listen(5000)
server:listen(80)
link:inject { from = client, port = 5000, to = server, to_port = 80, flags = "SYN", seq = 7 }
link:inject { at = "5ms", from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 8, ack = 1234, data = "old" }
sim:run()
-- The old ACK acknowledges z, not y: Host 2 sees that it is old, too.
dw.expect(sim):packets({ from = server, flags = "=RST", seq = 1234 }, 1)
dw.expect(server):never "ESTABLISHED"
dw.expect(server):states "LISTEN SYN-RECEIVED LISTEN"
