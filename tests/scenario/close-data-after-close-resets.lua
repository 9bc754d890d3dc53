-- C18: Data for a user who has closed both directions is answered with RST (SHLD-3).
local dw = require "drywire"
dw.covers "SHLD-3"
local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(conn)
  server:sleep "500ms"
  conn:send "too late"
  conn:recv()
end)
client:spawn(function() assert(client:connect("server", 80)):close() end)
sim:run()
dw.expect(sim):packets({ from = client, flags = "RST" }, 1)
dw.expect(client):states "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 CLOSED"
