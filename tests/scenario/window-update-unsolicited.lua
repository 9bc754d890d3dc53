-- W15: the receiver opens its window without any traffic: it says so by itself.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", buffer = 4000 }
server:serve(80, function(conn) server:sleep "1500ms"; conn:recv(4000); conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(8000)); conn:close()
end)
sim:run()
dw.expect(server):cause "window-update"
