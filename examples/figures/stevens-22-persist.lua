-- Stevens figure 22.1: the persist timer probes a closed window
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { 99, 299 }, buffer = 4096, mss = 1024 }
server:serve(80, function(conn) server:sleep "30s"; conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(9216)); conn:close()
end)
sim:run()
local probes = sim.trace:packets { from = client, when = function(p) return p.cause == "zero-window-probe" end }
print "  probe    time   octets"
for i, p in ipairs(probes) do
  print(("  %5d  %6.2f   %6d"):format(i, p.time, p.len))
  if i > 2 and i < #probes then assert(p.time - probes[i - 1].time >= probes[i - 1].time - probes[i - 2].time) end
end
print ""
assert(#probes >= 4)
