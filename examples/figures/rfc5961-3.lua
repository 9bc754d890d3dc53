-- RFC 5961 section 3: a blind RST is challenged, an exact one resets
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:listen(80)
client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })) end)
for i, seq in ipairs { 99, 5000, 300 } do      -- outside, in the window, exact
  link:inject { at = i .. "s", from = server, port = 80, to = client, to_port = 5000, flags = "RST", seq = seq }
end
sim:run()
dw.expect(sim):figure [[
     TCP A                                                 attacker / TCP B

 1.  CLOSED                                               LISTEN
 2.  SYN-SENT    --> <SEQ=99><CTL=SYN>                --> SYN-RECEIVED
 3.  ESTABLISHED <-- <SEQ=299><ACK=100><CTL=SYN,ACK>  <-- SYN-RECEIVED
 4.  ESTABLISHED --> <SEQ=100><ACK=300><CTL=ACK>      --> ESTABLISHED
 5.  ESTABLISHED <-- <SEQ=99><CTL=RST>                ...
 6.  ESTABLISHED <-- <SEQ=5000><CTL=RST>              ...
 7.  ESTABLISHED --> <SEQ=100><ACK=300><CTL=ACK>      -->
 8.  CLOSED      <-- <SEQ=300><CTL=RST>               ...
]]
dw.expect(client):cause("rst-outside-window", 1)
dw.expect(client):cause("rst-not-exact", 1)
