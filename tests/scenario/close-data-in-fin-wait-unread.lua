-- C27: data comes in FIN-WAIT-2 and nobody reads it: the window closes, and the sender waits.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", buffer = 4000 }
server:serve(80, function(conn) conn:send(("x"):rep(20000)); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:shutdown()
  client:sleep "20s"
  assert(conn:info().unread == 4000)
  assert(#conn:recv_all() == 20000)
  conn:close()
end)
sim:run()
dw.expect(client):reaches "TIME-WAIT"
