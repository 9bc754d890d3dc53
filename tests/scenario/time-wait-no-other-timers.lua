-- T6, T7: in TIME-WAIT only the 2 MSL timer runs, and a late close does not cut it short (MUST-13).
local dw = require "drywire"
dw.covers "MUST-13"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv_all(); conn:send "bye"; conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send "hello"; conn:shutdown()
  conn:recv_all()
  client:sleep "100s"
  conn:close()          -- long after TIME-WAIT began
end)
sim:run()
dw.expect(client):stays("TIME-WAIT", { lasting = "240s" })
local fired = {}
for name in sim.trace:text():gmatch "client%s+timer%-fired%s+(%S+)" do fired[#fired + 1] = name end
assert(#fired == 1 and fired[1] == "time-wait")
