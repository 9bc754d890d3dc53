-- W5: the window is zero and nobody answers the probes: R2 ends it, and the user is told.
local dw = require "drywire"
dw.covers "MUST-20"
local sim, client, server, link = dw.pair { delay = "20ms", buffer = 2000 }
server:serve(80, function(conn) server:sleep "1h" end)
local why
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  local _, reason = conn:send(("x"):rep(9000))
  why = reason
end)
sim:at("10s", function() link:down() end)
sim:run "10min"
assert(why == "timeout")
