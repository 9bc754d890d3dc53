-- Stevens figure 21.1: timeouts and exponential backoff
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv() end)
local why
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  client:sleep "1s"; link:down()                        -- the cable is out
  conn:send "and hi"
  why = select(2, conn:recv())
end)
sim:run "5min"
assert(why == "timeout")
local sent = sim.trace:packets { from = client, has_data = true }
print "     time   since the last"
for i, p in ipairs(sent) do
  print(("  %7.3f   %s"):format(p.time, i > 1 and ("%.3f"):format(p.time - sent[i - 1].time) or ""))
  if i > 2 then assert(math.abs(p.time - sent[i - 1].time - math.min(60, 2 * (sent[i - 1].time - sent[i - 2].time))) < 1e-6) end
end
print ""
