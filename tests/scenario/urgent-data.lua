-- Urgent data of any length: the user is told at once, and how much is left (RFC 9293 3.8.5).
local dw = require "drywire"
dw.covers("MUST-30", "MUST-31", "MUST-32", "MUST-33", "MUST-62")
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, buffer = 200000 }
local told, left
server:serve(80, function(conn)
  conn:on_report(function(what) told = told or (what == "urgent" and sim:now()) end)
  server:sleep "2s"
  left = conn:urgent()
  assert(left == 5 + 100000)
  conn:recv(1000)
  assert(conn:urgent() == left - 1000)
  conn:recv_all()
  assert(conn:urgent() == 0)
  conn:close()
end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  client:sleep "1s"
  conn:send "plain"
  conn:send(("!"):rep(100000), { urgent = true })
  conn:send "plain again"; conn:close()
end)
sim:run()
assert(told and told < 1.1)
for _, p in ipairs(sim.trace:packets { from = client, flags = "URG" }) do
  assert(p.urgent == 65535 or p.seq + p.urgent == 100 + 5 + 100000)    -- the octet after it
end
