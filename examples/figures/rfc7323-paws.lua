-- RFC 7323 section 5: PAWS rejects an old duplicate
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { timestamps = true } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  client:sleep "2s"; conn:send "new"; client:sleep "3s"; conn:close()
end)
link:inject { at = "3s", from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 103, ack = 300, data = "old",
              options = dw.tcp_option { tsval = 7, tsecr = 1 } }
sim:run()
dw.expect(server):cause("paws", 1)
dw.expect(server):states "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED"
