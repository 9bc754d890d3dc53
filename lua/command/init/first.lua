-- The final ACK of a close is lost; TIME-WAIT answers the FIN that comes again.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms" }

link:drop { from = client, flags = "=ACK", nth = 2 }   -- the first is the handshake's

server:serve(80, function(conn)
  conn:recv_all()                                      -- until the client has finished
  conn:close()
end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send "hello"
  conn:close()
end)
sim:run()

dw.expect(sim):packets({ from = server, flags = "FIN" }, 2)
dw.expect(client):states "CLOSED -> SYN-SENT -> ESTABLISHED -> FIN-WAIT-1 -> FIN-WAIT-2 -> TIME-WAIT -> CLOSED"
dw.expect(client):stays("TIME-WAIT", { lasting = "240s" })
