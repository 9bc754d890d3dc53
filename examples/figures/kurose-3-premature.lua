-- Kurose and Ross: a premature timeout; the segment is not sent a second time in vain
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { delayed_ack = "0s", nagle = false } }
link:delay { from = server, flags = "=ACK", nth = { 1, 2 }, by = "1.2s" }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send "8 octets"; client:sleep "10ms"
  conn:send "and twenty octets..."; client:sleep "3s"; conn:close()
end)
sim:run()
dw.expect(sim):packets({ from = client, has_data = true, len = 8 }, 2)
dw.expect(sim):packets({ from = client, has_data = true, len = 20 }, 1)
