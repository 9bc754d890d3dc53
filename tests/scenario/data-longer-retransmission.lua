-- D4: a retransmission longer than the original: the old part is trimmed, the new part taken.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, checks = "off" }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  conn:send "abc"; client:sleep "5s"; conn:reset()
end)
link:inject { at = "1s", from = client, port = 5000, to = server, to_port = 80, flags = "PSH,ACK,FIN", seq = 100, ack = 300, data = "abcdef" }
sim:run()
assert(got == "abcdef")
