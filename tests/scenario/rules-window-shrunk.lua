-- The right edge of the receive window never moves back, unless the profile says that it may (SHLD-14, MUST-34).
local dw = require "drywire"
dw.covers("SHLD-14", "MUST-34")
for _, may in ipairs { false, true } do
  local sim, client, server = dw.pair { delay = "20ms", buffer = 16000, rate = "2Mbps", tcp = { shrink_window = may } }
  local got
  server:serve(80, function(conn) server:sleep "2s"; got = conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(30000)); conn:close()
  end)
  sim:run()
  local edge, moved_back = 0, 0
  for _, p in ipairs(sim.trace:packets { from = server, flags = "ACK" }) do
    if p.ack + p.window < edge then moved_back = moved_back + 1 end
    edge = math.max(edge, p.ack + p.window)
  end
  assert(#got == 30000)                        -- the sender is robust either way
  assert((moved_back > 0) == may)
end
