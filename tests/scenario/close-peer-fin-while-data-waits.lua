-- C11: the peer's FIN comes while our data still waits: the data and our FIN go out all the same.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", buffer = 4000 }
local got
server:serve(80, function(conn) conn:shutdown(); server:sleep "2s"; got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(7000)); conn:close()
end)
sim:run()
assert(#got == 7000)
dw.expect(client):states "CLOSED SYN-SENT ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED"
