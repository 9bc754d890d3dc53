-- Stevens figure 18.6: connection establishment timeout
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
link:down()
local why, at
client:spawn(function() why = select(2, client:connect(server, 80)); at = sim:now() end)
sim:run()
assert(why == "timeout" and at >= 180)
local syns = sim.trace:packets { from = client }
print "     time   since the last"
for i, p in ipairs(syns) do
  print(("  %7.3f   %s"):format(p.time, i > 1 and ("%.3f"):format(p.time - syns[i - 1].time) or ""))
  if i > 2 and p.time < 60 then assert(math.abs(p.time - syns[i - 1].time - 2 * (syns[i - 1].time - syns[i - 2].time)) < 1e-6) end
end
print ""
