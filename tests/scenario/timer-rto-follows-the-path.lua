-- The timeout follows the round trip: SRTT + 4 RTTVAR, never under its bound (RFC 6298 2, MUST-18).
local dw = require "drywire"
dw.covers "MUST-18"
local sim, client, server, link = dw.pair { delay = "400ms", tcp = { rto_initial = "3s" } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  for _ = 1, 20 do conn:send "x"; client:sleep "2s" end
  conn:close()
end)
sim:run "30s"
local rto = sim.trace:series(client, "rto")
assert(rto[1][2] == 2.4)                 -- first sample R: R + 4 * R/2
assert(rto[#rto][2] < 1.5 and rto[#rto][2] >= 1)
