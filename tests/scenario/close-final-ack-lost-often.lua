-- C4: The final ACK is lost three times: each FIN is answered, and each restarts the 2 MSL wait.
local dw = require "drywire"
dw.covers "MUST-13"
local sim, client, server, link = dw.pair { delay = "20ms", msl = "30s" }
client:on_state("TIME-WAIT", function() link:drop { from = client, count = 3 } end)
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect("server", 80)):close() end)
sim:run()
dw.expect(sim):packets({ from = server, flags = "FIN" }, 4)
dw.expect(client):stays("TIME-WAIT", { lasting = "67s" })   -- FINs after 1, 3 and 7 s, then 60 s
dw.expect(server):reaches "CLOSED"
