-- P1, P2: the window of SYN and SYN,ACK is never scaled, that of the first ACK already is (RFC 7323 2).
local dw = require "drywire"
dw.covers("MUST-1", "REC-1")
local sim, client, server = dw.pair { delay = "20ms", buffer = 1000000 }
server:serve(80, function(conn) conn:recv_all() end)
client:spawn(function() assert(client:connect(server, 80)) end)
sim:run "1s"
assert(client:conn():info().rcv_wscale == 4)
local packets = sim.trace:packets {}
assert(packets[1].window == 65535 and packets[2].window == 65535)
assert(dw.tcp_options(packets[1].options).window_scale == 4)
assert(packets[3].window == 1000000 // 16)
assert(server:conn():info().snd_wnd == 1000000)
