-- Kurose and Ross: a cumulative ACK avoids the retransmission
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { delayed_ack = "0s", nagle = false } }
link:drop { from = server, flags = "=ACK", nth = 1 }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send "8 octets"; client:sleep "10ms"
  conn:send "and twenty octets..."; client:sleep "3s"; conn:close()
end)
sim:run()
dw.expect(sim):packets({ from = client, has_data = true }, 2)
