-- Keepalive is off unless it is asked for, and waits two hours unless told otherwise (MUST-25, MUST-28).
local dw = require "drywire"
dw.covers("MUST-25", "MUST-28")
local function run(keepalive)
  local sim, client, server, link = dw.pair { delay = "20ms", limit = "10h", tcp = { keepalive = keepalive } }
  server:serve(80, function(conn) conn:recv_all() end)
  client:spawn(function() assert(client:connect(server, 80)) end)
  sim:run "5h"
  return sim.trace:packets { from = client, after = "1s" }
end
assert(#run(false) == 0)
local probes = run(true)
assert(#probes >= 2 and probes[1].time >= 7200)
