-- R7: the limit on challenge ACKs never keeps repeated data, a FIN or a SYN,ACK from being acknowledged.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { challenge_limit = 1 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  conn:send "hello"; client:sleep "3s"; conn:close()
end)
for i = 1, 5 do link:inject { at = ("%dms"):format(1000 + i), from = client, port = 5000, to = server, to_port = 80, flags = "RST", seq = 200 } end
for i = 1, 5 do
  link:inject { at = ("%dms"):format(1100 + i), from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 100, ack = 300, data = "hello" }
end
sim:run()
dw.expect(server):cause("challenge-limited", 4)
dw.expect(sim):packets({ from = server, flags = "=ACK", after = "1.1s", before = "2s" }, 5)
