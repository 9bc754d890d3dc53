-- Tanenbaum figure 6-11 (b): an old duplicate connection request appears out of nowhere
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
client:listen(5000)
server:listen(80)
link:inject { from = client, port = 5000, to = server, to_port = 80, flags = "SYN", seq = 7 }
sim:run()
dw.expect(sim):figure [[
     Host 1                                               Host 2
 1.  LISTEN                                               LISTEN
 2.  (old dup)   ... <SEQ=x><CTL=SYN>                 --> SYN-RECEIVED
 3.  LISTEN      <-- <SEQ=y><ACK=x+1><CTL=SYN,ACK>    <-- SYN-RECEIVED
 4.  LISTEN      --> <SEQ=x+1><CTL=RST>               --> LISTEN
]]
