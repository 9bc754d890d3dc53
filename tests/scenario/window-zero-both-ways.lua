-- W6: both windows are zero: probes cross, and no endless exchange of ACKs begins.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", buffer = 2000 }
local function fill(conn) for _ = 1, 2 do conn:send(("x"):rep(2000)) end end
server:serve(80, function(conn) server:spawn(function() fill(conn) end); server:sleep "60s"; while conn:recv(nil, { timeout = "5s" }) do end; conn:reset() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  client:spawn(function() fill(conn) end)
  client:sleep "60s"
  while conn:recv(nil, { timeout = "5s" }) do end
end)
sim:run()
assert(sim.trace:count { after = "10s", before = "60s" } < 60)
