-- The last ACK of a close is lost: why TIME-WAIT exists.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }

client:on_state("TIME-WAIT", function()          -- the client's next packet is that ACK
  link:drop { from = client, count = 1 }
end)

server:serve(80, function(conn) conn:recv_all(); server:sleep "1s"; conn:close() end)
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

3.  FIN-WAIT-2  <-- <SEQ=300><ACK=101><CTL=ACK>      <-- CLOSE-WAIT

4.  TIME-WAIT   <-- <SEQ=300><ACK=101><CTL=FIN,ACK>  <-- LAST-ACK

5.  TIME-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>      XXX (lost)

6.  TIME-WAIT   <-- <SEQ=300><ACK=101><CTL=FIN,ACK>  <-- LAST-ACK

7.  TIME-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>      --> CLOSED

8.  (2 MSL)
    CLOSED
]]
dw.expect(client):stays("TIME-WAIT", { lasting = "241s" })   -- the 2 MSL wait starts again
print(sim.trace:ladder())
print("trace " .. sim.trace:hash())
