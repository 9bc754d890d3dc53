-- P4: a shift of 15 to 255 means 14 (RFC 7323 2.3).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, checks = "off" }
local listener = server:listen(80)
link:inject { from = client, port = 5000, to = server, to_port = 80, flags = "SYN", seq = 99, options = dw.tcp_option { mss = 1460, window_scale = 200 } }
link:drop { from = client, flags = "RST" }
link:inject { at = "100ms", from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 100, ack = 300, window = 3 }
sim:run "1s"
server:spawn(function()
  local info = assert(listener:accept()):info()
  assert(info.snd_wscale == 14 and info.snd_wnd == 3 << 14)
end)
sim:run "1s"
