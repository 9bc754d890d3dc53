-- W1: The window update is lost: without probes this would be the end (MUST-36).
local dw = require "drywire"
dw.covers "MUST-36"
local sim, client, server, link = dw.pair { delay = "20ms", buffer = 2920 }
local got
server:serve(80, function(conn)
  server:sleep "1s"
  link:drop { from = server, flags = "=ACK", count = 1 }
  got = #conn:recv_all()
  conn:close()
end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send(("x"):rep(8000))
  conn:close()
end)
sim:run()
assert(got == 8000)
