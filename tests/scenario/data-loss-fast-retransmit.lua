-- One segment of many is lost: three duplicate ACKs bring it again before the timer does.
local dw = require "drywire"
dw.covers "MUST-19"
local sim, client, server, link = dw.pair { delay = "20ms", rate = "10Mbps" }
link:drop { from = client, has_data = true, nth = 12 }
local got = 0
server:serve(80, function(conn) got = #conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send(("x"):rep(100000))
  conn:close()
end)
sim:run()
assert(got == 100000)
local again = 0
for _, p in ipairs(sim.trace:packets { from = client }) do
  if p.cause == "fast-retransmit" then again = again + 1 end
  assert(p.cause ~= "retransmission-timeout")
end
assert(again == 1)
