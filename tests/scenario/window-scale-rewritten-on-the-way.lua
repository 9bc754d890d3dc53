-- P5: a box on the way removes the window scale from the SYN,ACK: the damage, and that it is seen.
local dw = require "drywire"
-- The client asks for scaling; a middlebox strips the answer, so only the server scales.
local sim, client, server, link = dw.pair { delay = "20ms", buffer = 1000000, isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
link:drop { from = server, flags = "SYN,ACK" }
link:inject { at = "25ms", from = server, port = 80, to = client, to_port = 5000, flags = "SYN,ACK", seq = 299, ack = 100, options = dw.tcp_option { mss = 1460 } }
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  conn:send "hello"
end)
sim:run "1s"
assert(client:conn():info().rcv_wscale == 0 and server:conn():info().snd_wscale == 4)
assert(client:conn():info().snd_wnd < 65536)         -- what the server means is sixteen times as much
