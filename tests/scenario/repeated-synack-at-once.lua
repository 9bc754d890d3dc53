-- A SYN,ACK that comes twice before the first is answered is challenged, whatever number it has
local dw = require "drywire"

-- The answer to the SYN and its retransmission leave together, when the SYN comes again: so they arrive before the handshake's
-- ACK has been sent, which would tell how far the client has acknowledged.
for _, isn in ipairs { 1000, 0x7fffffff, 0x80000000, 0xfffffff0 } do
  local sim, client, server, link = dw.pair { delay = "10ms", profile = "linux", server = { isn = isn } }
  link:drop { packet = 2 }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function() assert(client:connect(server, 80)):close() end)
  sim:run()
  local drops = sim.trace:drops(client)
  assert(drops["syn-challenged"] == 1 and not drops["outside-window"], isn)
end
