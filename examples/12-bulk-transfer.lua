-- 2 MB over a link that loses 1 % of the packets: everything arrives, and cwnd draws its saw-tooth.
local dw = require "drywire"
local sim, client, server, link = dw.pair {
  delay = "20ms", rate = "10Mbps", loss = "1%", queue = 100, seed = 7,
}

local got = 0
server:serve(9, function(conn)
  for data in conn:chunks() do got = got + #data end
  conn:close()
end)
client:spawn(function()
  local conn = assert(client:connect("server", 9))
  conn:send(("x"):rep(2000000))
  conn:close()
end)
sim:run()

assert(got == 2000000)
local sent = sim.trace:count { from = client, has_data = true }
local lost = sim.trace:count { from = client, has_data = true, when = function(p) return p.dropped end }
local largest = 0
for _, point in ipairs(sim.trace:series(client, "cwnd")) do largest = math.max(largest, point[2]) end
print(("%d data packets, %d lost, largest cwnd %d bytes, %.1f s"):format(sent, lost, largest, sim:now()))
print("trace " .. sim.trace:hash())
