-- K5: the peer has rebooted: the probe draws RST, and the connection ends at once.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv_all() end)
local why
client:spawn(function()
  local conn = assert(client:connect(server, 80, { keepalive = true, keepalive_idle = "1min" }))
  why = select(2, conn:recv())
end)
sim:at("10s", function() server:crash() end)
sim:run "5min"
assert(why == "reset")
dw.expect(client):reaches("CLOSED", { by = "61s" })
