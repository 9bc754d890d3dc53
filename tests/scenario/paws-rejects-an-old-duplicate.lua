-- P6: PAWS rejects an old duplicate whose sequence number fits again after a wrap (RFC 7323 5).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { timestamps = true } }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  client:sleep "10s"
  conn:send "hello"; client:sleep "10s"; conn:send "world"; conn:close()
end)
-- Sent 2^32 octets ago: the number fits, the timestamp does not.
link:inject { at = "15s", from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 105, ack = 300, data = "ghost",
              options = dw.tcp_option { tsval = 3, tsecr = 1 } }
sim:run()
assert(got == "helloworld")
dw.expect(server):cause("paws", 1)
