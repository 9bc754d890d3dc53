-- Kurose and Ross: a retransmission because of a lost ACK
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }  }

link:drop { from = server, flags = "=ACK", nth = 1 }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send "8 octets"; client:sleep "3s"; conn:close()
end)
sim:run()
dw.expect(sim):packets({ from = client, has_data = true, seq = 100 }, 2)
