-- RFC 6298 section 2: SRTT, RTTVAR and RTO as samples come in
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "250ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
-- Each send sees another round trip: 0.5, 0.7, 0.9, 0.7, 0.5 ... seconds.
for i, delay in ipairs { 350, 450, 350, 250, 250 } do sim:at(i .. "s", function() link:set { delay = delay .. "ms" } end) end
client:spawn(function()
  local conn = assert(client:connect(server, 80, { nagle = false }))
  for i = 1, 6 do client:sleep(i + 0.2 - sim:now()); conn:send "x" end
  client:sleep "2s"; conn:close()
end)
sim:run()
local srtt, rttvar, rto = sim.trace:series(client, "srtt"), sim.trace:series(client, "rttvar"), sim.trace:series(client, "rto")
print "     time    SRTT  RTTVAR     RTO"
local value = 1
for i, point in ipairs(srtt) do
  for _, r in ipairs(rto) do if r[1] <= point[1] then value = r[2] end end
  print(("  %7.3f  %6.3f  %6.3f  %6.3f"):format(point[1], point[2], rttvar[i][2], value))
end
print ""
assert(srtt[1][2] == 0.5 and rttvar[1][2] == 0.25)                         -- (2.2): R and R/2
for i = 2, #srtt do assert(srtt[i][2] > 0.4 and srtt[i][2] < 0.9) end      -- (2.3): between the samples
