-- R6: two ends that no longer agree acknowledge each other only so often (RFC 1337 H2, RFC 5961 7).
local dw = require "drywire"
local function run(limit)
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { challenge_limit = limit } }
  server:serve(80, function(conn) conn:recv_all() end)
  client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })) end)
  link:rewrite { from = server, flags = "ACK", after = "1s", set = { seq = 700000 } }    -- out of step for good
  link:rewrite { from = client, flags = "ACK", after = "1s", set = { seq = 700000 } }
  link:inject { at = "900ms", from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 600000, ack = 300 }
  link:inject { at = "1.1s", from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 600000, ack = 300 }
  sim:run "30s"
  return sim
end
dw.expect(run(0)):cause "ack-storm"
assert(run(10).trace:count { after = "1s" } < 150)

-- However long it goes on: what comes in measure is no storm.
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { challenge_limit = 5, challenge_period = "1s" } }
server:serve(80, function(conn) conn:recv_all() end)
client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })) end)
for i = 1, 600 do
  link:inject { at = i * 100 .. "ms", from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 600000, ack = 300 }
end
sim:run "70s"
assert(sim.trace:count { from = server, after = "1s" } > 250)
