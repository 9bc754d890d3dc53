-- T8: a host that keeps only so many connections in TIME-WAIT recycles the oldest.
local dw = require "drywire"
local sim = dw.sim {}
local client, server = sim:host("client", { tcp = { time_wait_limit = 3 } }), sim:host "server"
sim:link(client, server, { delay = "5ms" })
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  for _ = 1, 10 do assert(client:connect(server, 80)):close(); client:sleep "100ms" end
end)
sim:run "5s"
dw.expect(client):cause("time-wait-recycled", 7)
local waiting = 0
for i = 1, 10 do if client:conn(i):state() == "TIME-WAIT" then waiting = waiting + 1 end end
assert(waiting == 3)
