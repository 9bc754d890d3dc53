-- X7: window updates and segments with data are no duplicate ACKs (RFC 5681 2).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  client:sleep "1s"; link:drop { from = client, has_data = true, nth = 1 }
  conn:send "hello"
end)
for i = 1, 4 do   -- each with another window
  link:inject { at = ("%dms"):format(1100 + i), from = server, port = 80, to = client, to_port = 5000, flags = "ACK", seq = 300, ack = 100, window = 60000 + i }
end
sim:run "1900ms"
dw.expect(sim):packets({ from = client, has_data = true }, 1)    -- no fast retransmit
