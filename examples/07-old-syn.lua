-- A SYN that was held up in the network arrives after its connection has come and gone.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 100, { 300, 700 } }, msl = "5s" }

link:duplicate { from = client, flags = "SYN", nth = 1, by = "30s" }   -- the copy takes a detour

server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect("server", 80)):close() end)
sim:run()

-- The server answers the old SYN as any other; the client knows nothing of it and says so.
dw.expect(server:conn(1)):states
  "LISTEN -> SYN-RECEIVED -> ESTABLISHED -> CLOSE-WAIT -> LAST-ACK -> CLOSED"
dw.expect(server:conn(2)):states "LISTEN -> SYN-RECEIVED -> LISTEN"
dw.expect(sim):packets({ from = server, flags = "=SYN,ACK", seq = 700 }, 1)
dw.expect(sim):packets({ from = client, flags = "=RST", seq = 101 }, 1)
print(sim.trace:ladder())
print("trace " .. sim.trace:hash())
