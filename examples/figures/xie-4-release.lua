-- 谢希仁: 四报文挥手, the release as the book has it (seq=u, v, w)
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, numbers = "letters" }
server:serve(80, function(conn)
  conn:recv_all(); server:sleep "100ms"
  conn:send "the rest"; conn:close()                 -- B still had something to say
end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:shutdown(); conn:recv_all(); conn:close()
end)
sim:run()
dw.expect(sim):figure [[
     A                                                    B
 1.  ESTABLISHED                                          ESTABLISHED
 2.  FIN-WAIT-1  --> <SEQ=u><ACK=v><CTL=FIN,ACK>      --> CLOSE-WAIT
 3.  FIN-WAIT-2  <-- <SEQ=v><ACK=u+1><CTL=ACK>        <-- CLOSE-WAIT
 4.  FIN-WAIT-2  <-- <SEQ=v><ACK=u+1><DATA=8><CTL=ACK> ...
 5.              ... <SEQ=v><ACK=u+1><DATA=8><CTL=ACK> <-- CLOSE-WAIT
 6.  TIME-WAIT   <-- <SEQ=w><ACK=u+1><CTL=FIN,ACK>    <-- LAST-ACK
 7.  TIME-WAIT   --> <SEQ=u+1><ACK=w+1><CTL=ACK>      --> CLOSED
 8.  (2 MSL)
     CLOSED
]]

-- To the letter: FIN seq=u; ACK seq=v ack=u+1; FIN,ACK seq=w ack=u+1; ACK seq=u+1 ack=w+1.
local said = {}
for label in sim.trace:ladder { part = "close", states = false, times = false }:gmatch "[%u,]+ seq=[%w+= ]+" do
  said[#said + 1] = label:match "^(.-) *$"
end
assert(said[1] == "FIN seq=u" and said[2] == "ACK seq=v ack=u+1", said[1])
assert(said[4] == "FIN,ACK seq=w ack=u+1" and said[5] == "ACK seq=u+1 ack=w+1", said[4])
