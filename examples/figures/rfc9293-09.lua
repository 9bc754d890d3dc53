-- RFC 9293 figure 9: half-open connection discovery
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { { 99, 400 }, { 299, 500 } } }

server:serve(80, function(conn) conn:recv() end)
local function open() assert(client:connect("server", 80, { local_port = 5000 })) end
client:spawn(open)
sim:at("1s", function()
  client:crash()        -- it forgets the connection; the server does not know
  client:spawn(open)
end)
sim:run "2.5s"

-- The last line goes on as figure 6 does.
dw.expect(sim):figure [[
      TCP Peer A                                      TCP Peer B

  1.  (REBOOT)                              (send 300,receive 100)

  2.  CLOSED                                           ESTABLISHED

  3.  SYN-SENT --> <SEQ=400><CTL=SYN>              --> (??)

  4.  (!!)     <-- <SEQ=300><ACK=100><CTL=ACK>     <-- ESTABLISHED

  5.  SYN-SENT --> <SEQ=100><CTL=RST>              --> (Abort!!)

  6.  SYN-SENT                                         CLOSED

  7.  SYN-SENT --> <SEQ=400><CTL=SYN>              -->

      ...
]]
