-- Stevens section 23.2: keepalive, the other end cannot be reached
local dw = require "drywire"
local sim = dw.sim { limit = "10h" }
local client, server, router = sim:host("client", { isn = 99 }), sim:host("server", { isn = 299 }), sim:host "router"
local near = sim:link(client, router, { delay = "10ms" })
local far = sim:link(router, server, { delay = "10ms" })
server:serve(80, function(conn) conn:recv_all() end)
local why, reported
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000, keepalive = true }))
  conn:on_report(function(what) reported = what end)
  conn:send "hello"
  why = select(2, conn:recv())
end)
sim:at("1s", function() far:down() end)
sim:run "3h"
assert(why == "timeout")
dw.expect(client):cause("keepalive", 9)
