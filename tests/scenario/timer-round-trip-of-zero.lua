-- X14: a round trip of zero: the timeout keeps its lower bound, nothing divides by zero, nothing stalls.
local dw = require "drywire"
dw.covers "MUST-18"
local sim, client, server, link = dw.pair {}
link:drop { from = client, has_data = true, nth = 4 }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(20000)); conn:close()
end)
sim:run()
assert(#got == 20000)
for _, point in ipairs(sim.trace:series(client, "rto")) do assert(point[2] >= 1) end
