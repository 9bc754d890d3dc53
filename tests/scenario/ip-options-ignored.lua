-- IP options that are not known are ignored; a broken one is refused (MUST-50).
local dw = require "drywire"
dw.covers "MUST-50"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:listen(80)
link:inject { from = client, port = 5000, to = server, to_port = 80, flags = "SYN", seq = 99, ip_options = "\1\7\7\4\0\0\0\1\68\4\5\0" }
link:inject { at = "1s", from = client, port = 5001, to = server, to_port = 80, flags = "SYN", seq = 99, ip_options = "\131\200\4\0" }
sim:run "2s"
dw.expect(sim):packets({ from = server, flags = "SYN,ACK" }, 1)
dw.expect(server):cause("ip-bad-option", 1)
