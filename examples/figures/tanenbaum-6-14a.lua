-- Tanenbaum figure 6-14 (a): release, the normal case
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect(server, 80)):close() end)
sim:run()
dw.expect(sim):packets({ flags = "FIN" }, 2)
dw.expect(client):reaches "TIME-WAIT"
