-- C5: The final ACK never comes: FINs repeat until TIME-WAIT is over, and a RST ends it (RFC 9293 3.5.2).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", tcp = { time_wait = "5s", time_wait_restart = false } }
client:on_state("TIME-WAIT", function() link:drop { from = client, flags = "=ACK" } end)
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect("server", 80)):close() end)
sim:run()
dw.expect(sim):packets({ from = client, flags = "=RST" }, 1)
dw.expect(server):states "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED"
