-- RFC 9293 figure 12: normal close sequence
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { 99, 299 } }

server:serve(80, function(conn)
  conn:recv()                  -- the end of the client's data
  server:sleep "1s"
  conn:close()
end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  client:sleep "1s"
  conn:close()
end)
sim:run()

dw.expect(sim):figure [[
    TCP Peer A                                           TCP Peer B

1.  ESTABLISHED                                          ESTABLISHED

2.  (Close)
    FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=FIN,ACK>  --> CLOSE-WAIT

3.  FIN-WAIT-2  <-- <SEQ=300><ACK=101><CTL=ACK>      <-- CLOSE-WAIT

4.                                                       (Close)
    TIME-WAIT   <-- <SEQ=300><ACK=101><CTL=FIN,ACK>  <-- LAST-ACK

5.  TIME-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>      --> CLOSED

6.  (2 MSL)
    CLOSED
]]
dw.expect(client):stays("TIME-WAIT", { lasting = "4min" })
