-- 谢希仁: 三报文挥手, the release when the other end has nothing left to say: FIN and ACK in one segment
local dw = require "drywire"
local sim, client, server = dw.pair {
  delay = "20ms", isn = { 99, 299 }, numbers = "letters", tcp = { ack_of_fin = "delayed" },
}
server:serve(80, function(conn) conn:recv(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  client:sleep "1s"
  conn:close()
end)
sim:run()
dw.expect(sim):figure [[
     A                                                    B
 1.  ESTABLISHED                                          ESTABLISHED
 2.  FIN-WAIT-1  --> <SEQ=u><ACK=w><CTL=FIN,ACK>      --> CLOSE-WAIT
 3.  TIME-WAIT   <-- <SEQ=w><ACK=u+1><CTL=FIN,ACK>    <-- LAST-ACK
 4.  TIME-WAIT   --> <SEQ=u+1><ACK=w+1><CTL=ACK>      --> CLOSED
 5.  (2 MSL)
     CLOSED
]]
