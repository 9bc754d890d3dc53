-- RFC 9293 figure 13: simultaneous close sequence
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { 99, 299 } }

server:serve(80, function(conn)
  server:sleep "940ms"         -- accepted at 60 ms: both close at 1 s
  conn:close()
end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  client:sleep "960ms"
  conn:close()
end)
sim:run()

dw.expect(sim):figure [[
    TCP Peer A                                           TCP Peer B

1.  ESTABLISHED                                          ESTABLISHED

2.  (Close)                                              (Close)
    FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=FIN,ACK>  ... FIN-WAIT-1
                <-- <SEQ=300><ACK=100><CTL=FIN,ACK>  <--
                ... <SEQ=100><ACK=300><CTL=FIN,ACK>  -->

3.  CLOSING     --> <SEQ=101><ACK=301><CTL=ACK>      ... CLOSING
                <-- <SEQ=301><ACK=101><CTL=ACK>      <--
                ... <SEQ=101><ACK=301><CTL=ACK>      -->

4.  TIME-WAIT                                            TIME-WAIT
    (2 MSL)                                              (2 MSL)
    CLOSED                                               CLOSED
]]
