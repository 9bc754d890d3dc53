-- Stevens section 23.2: keepalive, the other end has crashed
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, limit = "10h" }
server:serve(80, function(conn) conn:recv_all() end)
local why, at
client:spawn(function()
  local conn = assert(client:connect(server, 80, { keepalive = true, keepalive_idle = "2h" }))
  conn:send "hello"
  why = select(2, conn:recv()); at = sim:now()
end)
sim:at("1s", function() link:down() end)
sim:run "3h"
assert(why == "timeout" and at > 7200 + 9 * 75 - 1)
dw.expect(client):cause("keepalive", 9)
