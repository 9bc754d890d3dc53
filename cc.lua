local dw = require "drywire"
local sim, client, server = dw.pair { tcp = { congestion_control = "mine" } }
server:serve(80, function(conn) print(#conn:recv_all()); conn:close() end)
client:spawn(function() local conn = client:connect(server, 80); conn:send(("x"):rep(9000)); conn:close() end)
sim:run()
