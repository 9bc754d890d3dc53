-- W4, W7: as long as probes are answered the connection stays, for hours; a probe draws the current RCV.NXT (MUST-37).
local dw = require "drywire"
dw.covers("MUST-35", "MUST-37", "MAY-8")
local sim, client, server = dw.pair { delay = "20ms", buffer = 2000, limit = "10h" }
local got
server:serve(80, function(conn) server:sleep "5h"; got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(4000)); conn:close()
end)
sim:run()
assert(#got == 4000)
assert(sim.trace:count { from = client, after = "1h", before = "4h" } > 100)
for _, p in ipairs(sim.trace:packets { from = server, after = "1h", before = "4h" }) do assert(p:has "ACK" and p.window == 0) end
