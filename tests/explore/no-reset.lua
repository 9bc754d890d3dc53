-- As normal, and nobody sends a RST.
local dw = require "drywire"
local sim, client, server = dw.pair { tcp = { defect = dw.param("defect") }, delay = "10ms" }
server:serve(80, function(conn) conn:recv_all() conn:close() end)
client:spawn(function() local conn = assert(client:connect(server, 80)) conn:send "hello" conn:close() end)
sim:run()
dw.expect(sim):never { flags = "RST" }
