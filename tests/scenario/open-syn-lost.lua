-- O1: SYNs are lost: they are retransmitted with doubling intervals (RFC 6298 5.5).
local dw = require "drywire"
dw.covers("MUST-19", "MUST-22")
local sim, client, server, link = dw.pair { delay = "20ms" }
link:drop { flags = "=SYN", nth = { 1, 2, 3 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect("server", 80)):close() end)
sim:run()
local at = {}
for i, p in ipairs(sim.trace:packets { flags = "=SYN" }) do at[i] = p.time end
assert(#at == 4 and at[1] == 0 and at[2] == 1 and at[3] == 3 and at[4] == 7)
dw.expect(client):reaches("ESTABLISHED", { by = "7.04s" })
