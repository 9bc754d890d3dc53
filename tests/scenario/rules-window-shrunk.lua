-- A receiver whose window shrinks is reported by the simulation, unless its profile says it may (SHLD-14).
local dw = require "drywire"
dw.covers "SHLD-14"
for _, may in ipairs { false, true } do
  local sim, client, server = dw.pair { delay = "20ms", buffer = 8000, tcp = { shrink_window = may } }
  server:serve(80, function(conn) server:sleep "2s"; conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(20000)); conn:close()
  end)
  sim:run()
  local edge = 0
  for _, p in ipairs(sim.trace:packets { from = server, flags = "ACK" }) do
    if not may then assert(p.ack + p.window >= edge) end
    edge = math.max(edge, p.ack + p.window)
  end
end
