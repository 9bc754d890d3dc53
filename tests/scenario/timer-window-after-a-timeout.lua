-- X16: after a timeout cwnd is one segment and ssthresh half the flight, at least two segments (RFC 5681 3.1).
local dw = require "drywire"
dw.covers "MUST-19"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { initial_window = 10 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  link:drop { from = client, has_data = true, nth = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 } }
  conn:send(("x"):rep(29200)); conn:close()
end)
sim:run()
local collapsed
for _, point in ipairs(sim.trace:series(client, "cwnd")) do collapsed = collapsed or point[2] == 1460 end
assert(collapsed and sim.trace:series(client, "ssthresh")[1][2] == 7300)
