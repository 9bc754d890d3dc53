-- W8: the window is open but smaller than the next segment: after a while a part of it is sent; no hang.
local dw = require "drywire"
dw.covers "MUST-38"
local sim, client, server = dw.pair { delay = "20ms", buffer = 3000 }
local got
server:serve(80, function(conn) server:sleep "1s"; conn:recv(400); server:sleep "10s"; got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(6000)); conn:close()
end)
sim:run()
assert(#got == 5600)
