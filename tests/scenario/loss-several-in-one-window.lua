-- X9: several losses in one window: each partial ACK brings the next segment, without a timeout (RFC 6582).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", rate = "10Mbps", tcp = { initial_window = 20 } }
link:drop { from = client, has_data = true, nth = { 3, 5, 7 } }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(29200)); conn:close()
end)
sim:run()
assert(#got == 29200)
dw.expect(client):cause("fast-retransmit", 1)
dw.expect(client):cause("partial-ack", 2)
for _, p in ipairs(sim.trace:packets { from = client }) do assert(p.cause ~= "retransmission-timeout") end
