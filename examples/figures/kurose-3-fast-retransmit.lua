-- Kurose and Ross: fast retransmit before the timer
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "50ms", rate = "1Mbps", isn = { 99, 299 }, mss = 500, tcp = { initial_window = 10 } }
link:drop { from = client, has_data = true, nth = 2 }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(3000)); conn:close()
end)
sim:run()
dw.expect(client):cause("fast-retransmit", 1)
assert(sim.trace:packets { from = client, when = function(p) return p.cause == "fast-retransmit" end }[1].time < 1)
