-- C13: a FIN that acknowledges ours leads from FIN-WAIT-1 through FIN-WAIT-2 to TIME-WAIT at once.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", tcp = { ack_of_fin = "delayed" } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect(server, 80)):close() end)
sim:run()
dw.expect(client):states "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED"
dw.expect(sim):packets({ flags = "FIN" }, 2)
dw.expect(sim):packets({ from = server, after = "50ms" }, 1)   -- one segment: FIN with the ACK of ours
