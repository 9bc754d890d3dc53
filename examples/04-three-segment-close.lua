-- The peer closes at once, and its FIN carries the ACK of ours: three segments instead of four.
local dw = require "drywire"
local sim, client, server = dw.pair {
  delay = "20ms", isn = { 99, 299 },
  tcp = { ack_of_fin = "delayed" },   -- the RFC acknowledges a FIN at once; most systems wait a little
}

server:serve(80, function(conn) conn:recv(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  client:sleep "1s"
  conn:close()
end)
sim:run()

dw.expect(sim):figure [[
    TCP Peer A                                           TCP Peer B

1.  ESTABLISHED                                          ESTABLISHED

2.  FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=FIN,ACK>  --> CLOSE-WAIT

3.  TIME-WAIT   <-- <SEQ=300><ACK=101><CTL=FIN,ACK>  <-- LAST-ACK

4.  TIME-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>      --> CLOSED

5.  (2 MSL)
    CLOSED
]]
print(sim.trace:ladder())
print("trace " .. sim.trace:hash())
