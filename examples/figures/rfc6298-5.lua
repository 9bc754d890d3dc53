-- RFC 6298 section 5: the timer doubles on expiry, and goes back with a clean sample
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
link:drop { from = client, has_data = true, nth = { 1, 2, 3 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send "lost three times"; client:sleep "20s"
  conn:send "clean"; client:sleep "1s"; conn:close()
end)
sim:run()
print "     time     RTO"
for _, point in ipairs(sim.trace:series(client, "rto")) do print(("  %7.3f  %6.3f"):format(point[1], point[2])) end
print ""
local times = {}
for i, p in ipairs(sim.trace:packets { from = client, has_data = true, before = "10s" }) do times[i] = p.time end
for i, gap in ipairs { 1, 2, 4 } do assert(math.abs(times[i + 1] - times[i] - gap) < 1e-6) end   -- (5.5)
local rto = sim.trace:series(client, "rto")
assert(rto[#rto][2] == 1 and rto[#rto][1] > 20)                            -- Karn: only the clean one counts
