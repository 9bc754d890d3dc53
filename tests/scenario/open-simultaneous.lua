-- O7: SYNs cross: both ends go through SYN-RECEIVED to ESTABLISHED (RFC 9293 3.5, figure 7).
local dw = require "drywire"
dw.covers("MUST-10", "MUST-11")
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
local function open(host, peer)
  return function() assert(host:connect(peer, 7000, { local_port = 7000 })):close() end
end
client:spawn(open(client, "server"))
server:spawn(open(server, "client"))
sim:run()
for _, host in ipairs { client, server } do
  dw.expect(host):states "CLOSED SYN-SENT SYN-RECEIVED ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT CLOSED"
end
dw.expect(sim):never { flags = "RST" }
