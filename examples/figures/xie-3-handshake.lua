-- 谢希仁: 三报文握手, the handshake in symbols
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, numbers = "letters" }
server:listen(80)
client:spawn(function() assert(client:connect(server, 80)) end)
sim:run()
dw.expect(sim):figure [[
     A                                                    B
 1.  CLOSED                                               LISTEN
 2.  SYN-SENT    --> <SEQ=x><CTL=SYN>                 --> SYN-RECEIVED
 3.  ESTABLISHED <-- <SEQ=y><ACK=x+1><CTL=SYN,ACK>    <-- SYN-RECEIVED
 4.  ESTABLISHED --> <SEQ=x+1><ACK=y+1><CTL=ACK>      --> ESTABLISHED
]]
assert(sim.trace:ladder { part = "open", states = false }:find "SYN,ACK seq=y ack=x%+1")
