-- The user sets the Differentiated Services field and the time to live, and may change them at any time (RFC 9293 3.9.1.9).
local dw = require "drywire"
dw.covers("MUST-48", "MUST-49", "SHLD-21", "SHLD-22", "MAY-9")
local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv(); assert(conn:info().rcv_tos == 0x28); conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { tos = 0x28, ttl = 17 }))
  conn:send "one"; client:sleep "1s"
  conn:set { tos = 0x50, ttl = 200 }
  conn:send "two"; conn:close()
end)
sim:run()
for _, p in ipairs(sim.trace:packets { from = client }) do
  assert(p.tos == (p.time < 1 and 0x28 or 0x50) and p.ttl == (p.time < 1 and 17 or 200))
end
