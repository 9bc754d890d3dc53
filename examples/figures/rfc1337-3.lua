-- RFC 1337 figure 3: hazard H2, an endless exchange of ACKs, and RFC 5961 against it
local dw = require "drywire"
local function run(limit, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { challenge_limit = limit } }
  server:serve(80, function(conn) conn:recv_all() end)
  client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })) end)
  -- Old data that fits: the server acknowledges octets that this client never sent.
  link:inject { at = "1s", from = client, port = 5000, to = server, to_port = 80, flags = "PSH,ACK", seq = 100, ack = 300, data = "old data" }
  sim:run(limit == 0 and "5500ms" or "20s")
  return sim
end
-- Each ACK is ahead of what the client has sent, and each answer is old to the server.
local bounded = run(5, "Five challenge ACKs in five seconds")
assert(bounded.trace:count { after = "1s" } < 50)
local storm = run(0, nil)
dw.expect(storm):cause "ack-storm"
assert(storm.trace:count { after = "1s" } > 100)
