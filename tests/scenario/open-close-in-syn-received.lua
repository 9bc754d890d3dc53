-- O21, C28: close in SYN-RECEIVED sends FIN once the handshake is complete (RFC 9293 3.10.4).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
-- A simultaneous open, so that the closing user exists before the handshake is complete.
link:delay { from = server, flags = "SYN,ACK", by = "300ms" }
client:spawn(function()
  client:connect("server", 7000, { local_port = 7000, timeout = "1s" })
end)
client:on_state("SYN-RECEIVED", function()
  sim:after("1ms", function() client:conn(1):shutdown() end)
end)
server:spawn(function()
  local conn = assert(server:connect("client", 7000, { local_port = 7000 }))
  assert(conn:recv_all() == ""); conn:close()
end)
sim:run()
dw.expect(client):states "CLOSED SYN-SENT SYN-RECEIVED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED"
