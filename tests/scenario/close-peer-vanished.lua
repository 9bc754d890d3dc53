-- C8, C15: the peer is gone in LAST-ACK or FIN-WAIT-1: R2 ends it, and everything is freed (RFC 9293 3.8.3).
local dw = require "drywire"
dw.covers("MUST-20", "SHLD-11")
for _, who in ipairs { "client", "server" } do
  local sim, client, server, link = dw.pair { delay = "20ms" }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function() assert(client:connect(server, 80)):close() end)
  local host = who == "client" and client or server
  host:on_state(who == "client" and "FIN-WAIT-1" or "LAST-ACK", function() link:down() end)
  sim:run "5min"
  dw.expect(host):cause("r2-exceeded", 1)
  dw.expect(host):reaches("CLOSED", { by = "4min" })
end
