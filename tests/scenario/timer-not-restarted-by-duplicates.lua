-- X6: a duplicate ACK does not restart the retransmission timer; only an ACK of new data does (RFC 6298 5.3).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  client:sleep "1s"; link:drop { from = client, has_data = true, nth = 1 }
  conn:send "hello"
end)
for i = 1, 2 do
  link:inject { at = ("%dms"):format(1000 + 400 * i), from = server, port = 80, to = client, to_port = 5000, flags = "ACK", seq = 300, ack = 100 }
end
sim:run "5s"
local sent = sim.trace:packets { from = client, has_data = true }
assert(sent[2].cause == "retransmission-timeout" and sent[2].time - sent[1].time < 1.01)
