-- X8: three hundred duplicate ACKs overflow nothing.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { challenge_limit = 0 } }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
link:drop { from = client, has_data = true, nth = 1 }
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  conn:send(("x"):rep(8000)); conn:close()
end)
for i = 1, 300 do
  link:inject { at = ("%dus"):format(90000 + 10 * i), from = server, port = 80, to = client, to_port = 5000, flags = "ACK", seq = 300, ack = 100 }
end
sim:run()
assert(#got == 8000)
