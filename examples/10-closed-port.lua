-- Nobody listens: the SYN is answered with a RST that acknowledges it.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { 100, 300 } }

local conn, why
client:spawn(function() conn, why = client:connect(server, 81) end)
sim:run()

assert(conn == nil and why == "refused")
dw.expect(sim):figure [[
    TCP Peer A                                       TCP Peer B

1.  CLOSED                                           CLOSED

2.  SYN-SENT    --> <SEQ=100><CTL=SYN>           --> CLOSED

3.  CLOSED      <-- <SEQ=0><ACK=101><CTL=RST,ACK> <-- CLOSED
]]
print(sim.trace:ladder())
print("trace " .. sim.trace:hash())
