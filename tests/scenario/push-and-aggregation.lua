-- Data without PUSH waits for a full segment, but not for ever; the last one buffered carries PSH (RFC 9293 3.9.1.2).
local dw = require "drywire"
dw.covers("MUST-60", "MUST-61", "SHLD-27", "SHLD-28", "MAY-15", "MAY-16")
local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  for _ = 1, 40 do conn:send(("x"):rep(100), { push = false }) end       -- 4000 octets: two full segments and a rest
  client:sleep "5s"
  conn:close()
end)
sim:run()
local sent = sim.trace:packets { from = client, has_data = true }
assert(#sent == 3 and sent[1].len == 1460 and sent[2].len == 1460 and sent[3].len == 1080)
assert(not sent[1]:has "PSH" and sent[3]:has "PSH")
assert(sent[3].time > 0.2 and sent[3].time < 2)
