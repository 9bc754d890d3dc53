-- T10: the user learns that the connection is closed when TIME-WAIT begins, not when it ends.
local dw = require "drywire"
dw.covers "MUST-12"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
local told
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:shutdown()
  assert(conn:recv_all() == "")
  assert(conn:drain())
  told = sim:now()
  assert(conn:state() == "TIME-WAIT")
  conn:close()
end)
sim:run()
assert(told < 0.2)
