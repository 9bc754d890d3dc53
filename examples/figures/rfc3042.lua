-- RFC 3042: limited transmit: the first two duplicate ACKs each let a new segment go
local dw = require "drywire"
-- A window of three segments, the first of them lost: without the two new segments there would be only two duplicate ACKs.
local sim, client, server, link = dw.pair { delay = "50ms", rate = "10Mbps", isn = { 0, 0 }, mss = 1000, tcp = { initial_window = 3, delayed_ack = "0s" } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(6000)); conn:close()
end)
link:drop { from = client, has_data = true, nth = 1 }
sim:run()
local sent = sim.trace:packets { from = client, has_data = true }
local order = {}
for _, p in ipairs(sent) do order[#order + 1] = p.seq // 1000 + 1 end
assert(table.concat(order, " ") == "1 2 3 4 5 1 6", table.concat(order, " "))
dw.expect(client):cause("fast-retransmit", 1)
dw.expect(client):cause("retransmission-timeout", 0)
