-- RFC 9293 figure 8: recovery from old duplicate SYN
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 100, { 300, 400 } } }

-- The new SYN is slow, and one from an earlier connection arrives before it.
link:delay { from = client, flags = "SYN", nth = 1, by = "100ms" }
link:inject { at = "10ms", from = client, port = 5000, to = server, to_port = 80,
              flags = "SYN", seq = 90 }

server:serve(80, function(conn) conn:recv() end)
client:spawn(function() assert(client:connect("server", 80, { local_port = 5000 })) end)
sim:run "500ms"

dw.expect(sim):figure [[
    TCP Peer A                                           TCP Peer B

1.  CLOSED                                               LISTEN

2.  SYN-SENT    --> <SEQ=100><CTL=SYN>               ...

3.  (duplicate) ... <SEQ=90><CTL=SYN>               --> SYN-RECEIVED

4.  SYN-SENT    <-- <SEQ=300><ACK=91><CTL=SYN,ACK>  <-- SYN-RECEIVED

5.  SYN-SENT    --> <SEQ=91><CTL=RST>               --> LISTEN

6.              ... <SEQ=100><CTL=SYN>               --> SYN-RECEIVED

7.  ESTABLISHED <-- <SEQ=400><ACK=101><CTL=SYN,ACK>  <-- SYN-RECEIVED

8.  ESTABLISHED --> <SEQ=101><ACK=401><CTL=ACK>      --> ESTABLISHED
]]
