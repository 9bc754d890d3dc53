-- Urgent data is announced even when the window takes none of it (RFC 9293 3.8.5, MUST-66).
local dw = require "drywire"
dw.covers("MUST-32", "MUST-66")
local sim, client, server = dw.pair { delay = "20ms", buffer = 1000 }
local at
server:serve(80, function(conn)
  conn:on_report(function(what) at = at or sim:now() end)
  server:sleep "5s"; conn:recv_all(); conn:close()
end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(1000)); client:sleep "1s"
  conn:send("stop", { urgent = true }); conn:close()
end)
sim:run()
assert(at and at < 1.2)
