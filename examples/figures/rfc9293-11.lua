-- RFC 9293 figure 11: old duplicate SYN initiates a reset on two passive sockets
local dw = require "drywire"
local sim = dw.sim()
local a, b = sim:host "A", sim:host "B"
local link = sim:link(a, b, { delay = "20ms" })

a:listen(1000)
b:listen(2000)
link:inject { at = "10ms", from = a, port = 1000, to = b, to_port = 2000, flags = "SYN", seq = 4711 }
sim:run()

dw.expect(sim):figure [[
    TCP Peer A                                    TCP Peer B

1.  LISTEN                                        LISTEN

2.       ... <SEQ=Z><CTL=SYN>                -->  SYN-RECEIVED

3.  (??) <-- <SEQ=X><ACK=Z+1><CTL=SYN,ACK>   <--  SYN-RECEIVED

4.       --> <SEQ=Z+1><CTL=RST>              -->  (return to LISTEN!)

5.  LISTEN                                        LISTEN
]]
