-- Tanenbaum figure 6-14 (d): release, the response and all that follows are lost
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
link:drop { after = "50ms" }
client:spawn(function() assert(client:connect(server, 80)):close() end)
sim:run "5min"
for _, host in ipairs { client, server } do
  dw.expect(host):cause("r2-exceeded", 1)
  dw.expect(host):reaches "CLOSED"
end
