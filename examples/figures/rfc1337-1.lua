-- RFC 1337 figure 1: TIME-WAIT assassination, and with fix F1
local dw = require "drywire"
local function run(rule, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, tcp = { time_wait_rst = rule } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })):close() end)
  link:inject { at = "1s", from = server, port = 80, to = client, to_port = 5000, flags = "ACK", seq = 255, ack = 33, data = "old duplicate" }
  sim:run "2s"
  return sim, client
end
local sim, client = run("close", "As RFC 793 has it: the RST ends TIME-WAIT early")
dw.expect(sim):figure [[
     TCP A                                                TCP B

 1.  ESTABLISHED                                          ESTABLISHED

     (Close)
 2.  FIN-WAIT-1  --> <SEQ=100><ACK=300><CTL=FIN,ACK>  --> CLOSE-WAIT
 3.  FIN-WAIT-2  <-- <SEQ=300><ACK=101><CTL=ACK>      <-- CLOSE-WAIT
                                                          (Close)
 4.  TIME-WAIT   <-- <SEQ=300><ACK=101><CTL=FIN,ACK>  <-- LAST-ACK
 5.  TIME-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>      --> CLOSED

 5.1 TIME-WAIT   <-- <SEQ=255><ACK=33><DATA=13><CTL=ACK> ...
 5.2 TIME-WAIT   --> <SEQ=101><ACK=301><CTL=ACK>      -->
 5.3 CLOSED      <-- <SEQ=301><CTL=RST>               <--
     (prematurely)
]]
sim, client = run("ignore", "With fix F1: the RST is ignored")
assert(client:conn():state() == "TIME-WAIT")
