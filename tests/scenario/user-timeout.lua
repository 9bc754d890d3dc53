-- K6: a user timeout shorter than R2 ends the connection in its time (RFC 5482, MUST-21).
local dw = require "drywire"
dw.covers "MUST-21"
local sim, client, server, link = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv() end)
local why, at
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:set { user_timeout = "10s" }
  link:down(); conn:send "hello"
  why = select(2, conn:recv()); at = sim:now()
end)
sim:run "5min"
assert(why == "timeout" and at > 10 and at < 20)
dw.expect(client):cause("user-timeout")
