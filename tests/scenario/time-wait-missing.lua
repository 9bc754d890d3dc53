-- T11, T12: without TIME-WAIT a repeated FIN meets nobody, and old data fits into the next connection (RFC 1337 H1).
local dw = require "drywire"
-- T12: the final ACK is lost; the server, still in LAST-ACK, is reset.
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { defect = "no-time-wait" } }
link:drop { from = client, flags = "=ACK", nth = 2 }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect(server, 80)):close() end)
sim:run()
dw.expect(sim):packets({ from = client, flags = "RST" }, 1)

-- T11: a segment of the first connection comes during the second, and nobody but the simulation notices.
sim, client, server, link = dw.pair { delay = "20ms", isn = { { 99, 90 }, { 299, 299 } }, tcp = { defect = "no-time-wait" }, checks = "note" }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
link:duplicate { from = client, has_data = true, nth = 1, by = "1s" }
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  conn:send "old data "; conn:close()
  client:sleep "900ms"
  conn = assert(client:connect(server, 80, { local_port = 5000 }))
  conn:send "new data "; client:sleep "500ms"; conn:send "of today"; conn:close()
end)
sim:run "10s"
dw.expect(sim):cause "stream-integrity"
