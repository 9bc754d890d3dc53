-- X1, X2: The timeout stays doubled until a segment that was sent once is acknowledged (Karn, MUST-18).
local dw = require "drywire"
dw.covers("MUST-18", "MUST-19")
local sim, client, server, link = dw.pair { delay = "20ms" }
link:drop { from = client, has_data = true, nth = { 1, 2 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send "first"
  client:sleep "10s"
  conn:send "second"
  conn:close()
end)
sim:run()
local rto = sim.trace:series(client, "rto")
assert(rto[1][2] == 2 and rto[2][2] == 4 and rto[3][2] == 1)
assert(rto[3][1] > 10)   -- not before the second send was acknowledged
