-- Both ends close before either has seen the other's FIN: figure 13 of RFC 9293.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { 99, 299 } }

server:serve(80, function(conn)
  server:sleep "940ms"           -- accepted at 60 ms, so both close at 1 s
  conn:close()
end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  client:sleep "960ms"
  conn:close()
end)
sim:run()

dw.expect(client):states "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT CLOSED"
dw.expect(server):states "LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT CLOSED"
dw.expect(sim):packets({ flags = "FIN" }, 2)
print(sim.trace:ladder())
print("trace " .. sim.trace:hash())
