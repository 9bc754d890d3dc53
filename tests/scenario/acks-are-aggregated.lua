-- Segments that arrive together are all processed before one ACK goes out (MUST-58, MUST-59).
local dw = require "drywire"
dw.covers("MUST-58", "MUST-59")
local sim, client, server = dw.pair { delay = "20ms", tcp = { initial_window = 10 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(14600)); client:sleep "1s"; conn:close()      -- ten segments at one instant
end)
sim:run()
dw.expect(sim):packets({ from = server, flags = "=ACK", before = "100ms" }, 1)
