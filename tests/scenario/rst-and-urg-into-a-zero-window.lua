-- R10: RST and URG count even when the receive window is zero (MUST-66).
local dw = require "drywire"
dw.covers "MUST-66"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, buffer = 1000 }
local urgent, why
server:serve(80, function(conn)
  server:sleep "2s"
  assert(conn:info().rcv_wnd == 0)
  server:sleep "2s"
  urgent = conn:urgent()
  server:sleep "2s"
  why = select(2, conn:recv())
end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  conn:send(("x"):rep(1000))
end)
link:inject { at = "3s", from = client, port = 5000, to = server, to_port = 80, flags = "URG,ACK", seq = 1100, ack = 300, urgent = 5, data = "u" }
link:inject { at = "5s", from = client, port = 5000, to = server, to_port = 80, flags = "RST", seq = 1100 }
sim:run()
assert(urgent == 1005 and why == "reset")
