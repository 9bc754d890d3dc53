-- RFC 1337 figure 2: hazard H1, old data is taken for new
local dw = require "drywire"
-- TIME-WAIT was cut short, and the next connection's numbers overlap those of the last.
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, checks = "note" }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  conn:send "new data "
  client:sleep "1s"
  conn:send "of today."
  conn:close()
end)
-- An octet for an octet what the client will send next, but from the connection before.
link:inject { at = "500ms", from = client, port = 5000, to = server, to_port = 80, flags = "PSH,ACK", seq = 109, ack = 300, data = "OLD DATA!" }
sim:run()
assert(got == "new data OLD DATA!")                     -- TCP itself cannot tell
dw.expect(server):cause("stream-integrity")             -- the simulation sees both ends, and can
