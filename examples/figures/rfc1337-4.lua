-- RFC 1337 figure 4: hazard H3, an old ACK kills the new connection
local dw = require "drywire"
-- Two runs: the RST check of RFC 793, and that of RFC 5961.
local function run(rules, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 100, 400 }, tcp = { rst_check = rules } }
  server:listen(80)
  client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })) end)
  link:inject { at = "30ms", from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 101, ack = 777 }
  sim:run "1s"
  return sim, client
end
local sim, client = run("rfc793", "RFC 793: a RST in the window resets")
dw.expect(sim):figure [[
     TCP A                                                TCP B

 1.  CLOSED                                               LISTEN
 2.  SYN-SENT    --> <SEQ=100><CTL=SYN>               --> SYN-RECEIVED
 3.  ESTABLISHED <-- <SEQ=400><ACK=101><CTL=SYN,ACK>  <-- SYN-RECEIVED
 4.  ESTABLISHED --> <SEQ=101><ACK=401><CTL=ACK>      ...
 5.  (old dup)   ... <SEQ=101><ACK=777><CTL=ACK>      --> SYN-RECEIVED
 6.              ... <SEQ=777><CTL=RST>               <-- SYN-RECEIVED
 7.              ... <SEQ=101><ACK=401><CTL=ACK>      --> ESTABLISHED
 8.  CLOSED      <-- <SEQ=777><CTL=RST>               ...
]]
sim, client = run("rfc5961", "RFC 5961: a RST that is not exact is challenged")
assert(client:conn():state() == "ESTABLISHED")
