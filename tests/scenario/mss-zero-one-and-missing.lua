-- P9: an MSS of 0, 1 or none at all: a default or a lower bound, and the transfer goes on (MUST-15).
local dw = require "drywire"
dw.covers "MUST-15"
for _, case in ipairs { { "", 536 }, { dw.tcp_option { mss = 0 } .. "", 536 }, { "\2\4\0\0", 536 }, { "\2\4\0\1", 28 } } do
  local options, expected = table.unpack(case)
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, checks = "off" }
  server:serve(80, function(conn) conn:send(("x"):rep(2000)); conn:recv() end)
  link:inject { from = client, port = 5000, to = server, to_port = 80, flags = "SYN", seq = 99, options = options }
  link:drop { from = client, flags = "RST" }
  link:inject { at = "100ms", from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 100, ack = 300 }
  sim:run "1s"
  assert(sim.trace:packets { from = server, has_data = true }[1].len == expected)
end
