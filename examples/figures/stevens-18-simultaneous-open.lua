-- Stevens figure 18.17: simultaneous open
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
client:spawn(function() assert(client:connect(server, 7777, { local_port = 8888 })) end)
server:spawn(function() assert(server:connect(client, 8888, { local_port = 7777 })) end)
sim:run()
for _, host in ipairs { client, server } do dw.expect(host):states "CLOSED SYN-SENT SYN-RECEIVED ESTABLISHED" end
dw.expect(sim):packets({}, 4)
