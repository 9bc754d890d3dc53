-- RFC 3168: ECN: negotiation, then a mark (CE), its echo (ECE) and the answer (CWR)
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "50ms", rate = "10Mbps", isn = { 0, 0 }, mss = 1000, tcp = { ecn = "ask", initial_window = 4, delayed_ack = "0s" } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(12000)); conn:close()
end)
link:rewrite { from = client, has_data = true, nth = 2, set = { tos = 3 } }   -- a router with a growing queue
sim:run()
dw.expect(sim):packets({ from = client, flags = "=SYN,ECE,CWR" }, 1)
dw.expect(sim):packets({ from = server, flags = "=SYN,ACK,ECE" }, 1)
local echoes = sim.trace:packets { from = server, flags = "ECE", has_data = false, after = "60ms" }
local answer = sim.trace:packets { from = client, flags = "CWR", has_data = true }
assert(#answer == 1 and #echoes > 1)
assert(answer[1].time > echoes[1].time and echoes[#echoes].time < answer[1].time + 0.101)  -- echoed until answered
assert(sim.trace:series(client, "ssthresh")[1][2] == 2000)                                 -- as if it were a loss
dw.expect(client):cause("marked", 1)
for _, p in ipairs(sim.trace:packets { from = client, has_data = true }) do assert(p.tos == 2 or p.seq == 1001) end
