-- X20: the SYN had to be sent again: data begins with a timeout of three seconds (RFC 6298 5.7).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms" }
link:drop { from = client, flags = "=SYN", nth = 1 }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  assert(conn:info().rto_ns == 3000000000)
  conn:close()
end)
sim:run()
