-- RFC 9293 figure 10: active side causes half-open connection discovery
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { 99, 299 } }

server:serve(80, function(conn)
  server:sleep "2s"
  conn:send "0123456789"
end)
client:spawn(function() assert(client:connect("server", 80)) end)
sim:at("1s", function() client:crash() end)
sim:run()

dw.expect(sim):figure [[
    TCP Peer A                                         TCP Peer B

1.  (REBOOT)                                  (send 300,receive 100)

2.  (??)    <-- <SEQ=300><ACK=100><DATA=10><CTL=ACK> <-- ESTABLISHED

3.          --> <SEQ=100><CTL=RST>                   --> (ABORT!!)
]]
dw.expect(server):states "LISTEN -> SYN-RECEIVED -> ESTABLISHED -> CLOSED"
