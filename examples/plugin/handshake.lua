-- A connection of a plugin's own protocol.
-- Run with --plugin ./handshake.so: the server invites the client, which calls back, says three messages, of
-- which the second is lost once, and parts.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms" }

link:inject { protocol = "handshake", from = server, to = client, port = 7, to_port = 4000, flags = "INVITE" }
link:drop { from = client, flags = "MORE", nth = 2 }
sim:run()

assert(#sim.trace:packets { flags = "HELLO" } == 2)
assert(#sim.trace:packets { flags = "=HELLO" } == 1)
-- HEARD is a flag of this protocol alone, and so is what a packet says it has.
assert(sim.trace:packets({ flags = "HELLO" })[2]:has "HEARD")
assert(not sim.trace:packets({ flags = "INVITE" })[1]:has "HEARD")
dw.expect(client):states "GONE -> CALLING -> TALKING -> PARTING -> LINGERING -> GONE"
dw.expect(server):states "AWAITING -> ANSWERED -> TALKING -> PARTING -> GONE"
dw.expect(client):reaches("TALKING", { within = "50ms" })
dw.expect(client):never "ANSWERED"
dw.expect(client):stays("lingering", { lasting = "1s" })
dw.expect(sim):packets({ flags = "BYE", from = client }, 1)
dw.expect(sim):figure [[
      client                                   server

  1.  GONE                                     AWAITING
  2.  CALLING   <-- <CTL=INVITE>           ...
  3.  CALLING   --> <SEQ=x><CTL=HELLO>     --> ANSWERED
  4.  TALKING   <-- <SEQ=y><ACK=x+1><CTL=HELLO,HEARD> <-- ANSWERED
  5.  TALKING   --> <SEQ=x+1><ACK=y+1><DATA=22><CTL=HEARD> --> TALKING
      ...
]]
