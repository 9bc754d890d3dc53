-- Tanenbaum figure 6-11 (a): three-way handshake, normal operation
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv() end)
client:spawn(function() assert(client:connect(server, 80)):send "data" end)
sim:run "60ms"
dw.expect(sim):figure [[
     Host 1                                               Host 2
 1.  CLOSED                                               LISTEN
 2.  SYN-SENT    --> <SEQ=x><CTL=SYN>                 --> SYN-RECEIVED
 3.  ESTABLISHED <-- <SEQ=y><ACK=x+1><CTL=SYN,ACK>    <-- SYN-RECEIVED
 4.  ESTABLISHED --> <SEQ=x+1><ACK=y+1><CTL=ACK>      --> ESTABLISHED
 5.  ESTABLISHED --> <SEQ=x+1><ACK=y+1><DATA=4><CTL=ACK> --> ESTABLISHED
]]
