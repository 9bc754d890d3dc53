-- W6: both windows are zero: probes cross, and no endless exchange of ACKs begins.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", buffer = 2000 }

-- Each end sends twice what the other can keep, and reads nothing for a minute.
local function stuff(host, conn)
  host:spawn(function() conn:send(("x"):rep(4000)) end)
  host:sleep "60s"
  while conn:recv(nil, { timeout = "5s" }) do end
  conn:reset()
end
server:serve(80, function(conn) stuff(server, conn) end)
client:spawn(function() stuff(client, assert(client:connect(server, 80))) end)
sim:run()
assert(sim.trace:count { after = "10s", before = "60s" } < 60)
