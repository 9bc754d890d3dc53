-- W13: Every second full segment is acknowledged, and the last one within 0.5 s (3.8.6.3).
local dw = require "drywire"
dw.covers("MUST-40", "SHLD-18", "SHLD-19")
local sim, client, server = dw.pair { delay = "10ms", rate = "10Mbps" }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send(("x"):rep(1460 * 3))
  client:sleep "2s"
  conn:close()
end)
sim:run()
local acks = sim.trace:packets { from = server, flags = "=ACK", before = "2s" }
assert(#acks == 2)
assert(acks[1].cause == "ack-every-second-segment" and acks[2].cause == "delayed-ack")

-- "Or 2*RMSS bytes of new data": segments that are smaller than those before do not wait for the timer.
sim, client, server = dw.pair { delay = "5ms", tcp = { nagle = false, initial_window = 20 } }
server:serve(80, function(conn) conn:recv_all() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send(("x"):rep(1460 * 2))
  client:sleep "1s"
  for _ = 1, 12 do conn:send(("x"):rep(760)); client:sleep "1ms" end
  client:sleep "1s"
  conn:close()
end)
sim:run()
acks = sim.trace:packets { from = server, flags = "=ACK", after = "1s", before = "2s" }
assert(#acks == 3, #acks)   -- after 4, 8 and 12 of them
