-- A profile sets all switches, so it comes before those that stand beside it, whatever their names are
local dw = require "drywire"
local sim, client, server = dw.pair { tcp = { profile = "linux", port_first = 40000 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect(server, 80)):close() end)
sim:run()
dw.expect(sim):packets({ flags = "SYN", port = 40000 }, 1)
