-- D2: sequence numbers that cross 2^31 are compared modulo 2^32.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 0x7ffffff0, 0x7ffffff0 } }
link:drop { from = client, has_data = true, nth = 3 }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:send(("y"):rep(3000)); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(14600)); conn:shutdown()
  assert(#conn:recv_all() == 3000); conn:close()
end)
sim:run()
assert(#got == 14600)
