-- RFC 9293 figure 7: simultaneous connection synchronization
local dw = require "drywire"
local sim = dw.sim()
local a, b = sim:host("A", { isn = 100 }), sim:host("B", { isn = 300 })
sim:link(a, b, { delay = "20ms" })

a:spawn(function() assert(a:connect(b, 2000, { local_port = 1000 })) end)
b:spawn(function() assert(b:connect(a, 1000, { local_port = 2000 })) end)
sim:run()

dw.expect(sim):figure [[
    TCP Peer A                                       TCP Peer B

1.  CLOSED                                           CLOSED

2.  SYN-SENT     --> <SEQ=100><CTL=SYN>              ...

3.  SYN-RECEIVED <-- <SEQ=300><CTL=SYN>              <-- SYN-SENT

4.               ... <SEQ=100><CTL=SYN>              --> SYN-RECEIVED

5.  SYN-RECEIVED --> <SEQ=100><ACK=301><CTL=SYN,ACK> ...

6.  ESTABLISHED  <-- <SEQ=300><ACK=101><CTL=SYN,ACK> <-- SYN-RECEIVED

7.               ... <SEQ=100><ACK=301><CTL=SYN,ACK> --> ESTABLISHED
]]
