-- RFC 9293 figure 6: basic three-way handshake
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { 100, 300 } }

server:serve(80, function(conn) conn:recv() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send "data"
end)
sim:run "100ms"

dw.expect(sim):figure [[
    TCP Peer A                                           TCP Peer B

1.  CLOSED                                               LISTEN

2.  SYN-SENT    --> <SEQ=100><CTL=SYN>               --> SYN-RECEIVED

3.  ESTABLISHED <-- <SEQ=300><ACK=101><CTL=SYN,ACK>  <-- SYN-RECEIVED

4.  ESTABLISHED --> <SEQ=101><ACK=301><CTL=ACK>       --> ESTABLISHED

5.  ESTABLISHED --> <SEQ=101><ACK=301><CTL=ACK><DATA> --> ESTABLISHED
]]
