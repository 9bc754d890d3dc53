-- C22, C23: a FIN never stands before data that was sent earlier, and none goes out that nobody asked for.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  for _ = 1, 20 do conn:send(("x"):rep(700)) end
  client:sleep "5s"
  conn:close()
end)
sim:run()
local highest = 0
for _, p in ipairs(sim.trace:packets { from = client }) do
  if p:has "FIN" then assert(p.time >= 5 and p.seq == highest) end
  if p.len > 0 then highest = math.max(highest, p.seq + p.len) end
end
dw.expect(sim):packets({ from = client, flags = "FIN" }, 1)
