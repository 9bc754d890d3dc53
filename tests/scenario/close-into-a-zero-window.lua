-- C20, W14: close while the window is zero: FIN-WAIT-1 at once, probes go on, the FIN leaves when there is room.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", buffer = 2000 }
local got
server:serve(80, function(conn) server:sleep "10s"; got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(3000)); conn:close()
end)
sim:run()
assert(#got == 3000)
dw.expect(client):reaches("FIN-WAIT-1", { by = "1s" })
local fin = sim.trace:packets { from = client, flags = "FIN" }[1]
assert(fin.time > 10)
dw.expect(client):cause "zero-window-probe"
