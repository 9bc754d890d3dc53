-- C9, C12: FINs cross: FIN-WAIT-1, CLOSING, TIME-WAIT on both sides, and both wait 2 MSL (figure 13).
local dw = require "drywire"
dw.covers "MUST-13"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
local function both(host, conn) host:sleep(1 - sim:now()); conn:close() end
server:serve(80, function(conn) both(server, conn) end)
client:spawn(function() both(client, assert(client:connect(server, 80))) end)
sim:run()
dw.expect(client):states "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT CLOSED"
dw.expect(server):states "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT CLOSED"
for _, host in ipairs { client, server } do dw.expect(host):stays("TIME-WAIT", { lasting = "240s" }) end
