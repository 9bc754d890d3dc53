-- O13: an old duplicate SYN between two hosts that only listen: SYN,ACK, RST, LISTEN (figure 11).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
client:listen(5000)
server:listen(80)
link:inject { at = "10ms", from = client, port = 5000, to = server, to_port = 80, flags = "SYN", seq = 7 }
sim:run()
dw.expect(server):states "LISTEN SYN-RECEIVED LISTEN"
dw.expect(sim):packets({ from = client, flags = "=RST", seq = 8 }, 1)
