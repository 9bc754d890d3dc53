-- O22: abort sends no RST in SYN-SENT, and one in SYN-RECEIVED (RFC 9293 3.10.5).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
link:drop { from = client, flags = "=SYN", nth = { 1, 2 } }
client:spawn(function() client:connect(server, 80, { timeout = "500ms" }) end)   -- gives up: aborts
sim:run()
dw.expect(sim):never { flags = "RST" }

local other, a, b = dw.pair { delay = "20ms" }
a:spawn(function() a:connect(b, 7000, { local_port = 7000 }) end)
a:on_state("SYN-RECEIVED", function() other:after("1ms", function() a:conn(1):reset() end) end)
b:spawn(function() b:connect(a, 7000, { local_port = 7000 }) end)
other:run()
dw.expect(other):packets({ from = a, flags = "RST", when = function(p) return p.cause == "abort" end }, 1)
