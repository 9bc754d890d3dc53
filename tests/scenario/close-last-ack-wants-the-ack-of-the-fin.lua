-- C6, C7: in LAST-ACK only the ACK of the FIN closes; older ones are ignored, others answered (RFC 9293 3.10.7.4).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv_all(); conn:send "bye"; conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  conn:shutdown()
  assert(conn:recv_all() == "bye")
end)
link:drop { from = client, flags = "=ACK", after = "60ms" }       -- so that LAST-ACK lasts
local function ack(at, number)
  link:inject { at = at, from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 101, ack = number }
end
ack("300ms", 300)     -- below SND.UNA: a duplicate
ack("400ms", 303)     -- the data, not the FIN
ack("500ms", 310)     -- never sent: answered
sim:run "600ms"
assert(server:conn():state() == "LAST-ACK")
dw.expect(server):cause("ack-out-of-range", 1)
ack("700ms", 304)
sim:run "200ms"
dw.expect(server):reaches "CLOSED"
