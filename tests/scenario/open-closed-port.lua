-- O17: a SYN to a port where nobody listens draws RST with SEQ 0 and ACK SEG.SEQ+SEG.LEN (RFC 9293 3.10.7.1).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
local why
client:spawn(function() why = select(2, client:connect(server, 81)) end)
sim:run()
assert(why == "refused")
local rst = sim.trace:packets { from = server }[1]
assert(rst.flags == "RST,ACK" and rst.seq == 0 and rst.ack == 100)
