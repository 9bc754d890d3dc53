-- D7: no segment in the window vanishes without an acknowledgment or a reason.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", loss = "5%", reorder = "10%", duplicate = "5%", seed = 4 }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("0123456789"):rep(20000)); conn:close()
end)
sim:run()
assert(#got == 200000)
local last_ack = 0
for _, p in ipairs(sim.trace:packets { from = server, flags = "ACK" }) do last_ack = math.max(last_ack, p.time) end
for _, p in ipairs(sim.trace:packets { from = client, has_data = true }) do
  if p.arrived then assert(p.drop_cause or last_ack >= p.arrived) end
end
