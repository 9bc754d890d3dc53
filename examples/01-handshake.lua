-- The three-way handshake, as figure 6 of RFC 9293 prints it.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { 100, 300 } }

server:serve(80, function(conn)
  assert(conn:recv() == nil)    -- nothing comes but the end
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

1.  CLOSED                                               LISTEN

2.  SYN-SENT    --> <SEQ=100><CTL=SYN>               --> SYN-RECEIVED

3.  ESTABLISHED <-- <SEQ=300><ACK=101><CTL=SYN,ACK>  <-- SYN-RECEIVED

4.  ESTABLISHED --> <SEQ=101><ACK=301><CTL=ACK>      --> ESTABLISHED

    ...
]]
dw.expect(client):reaches("ESTABLISHED", { within = "40ms" })
print(sim.trace:ladder { to = 3 })
print("trace " .. sim.trace:hash())
