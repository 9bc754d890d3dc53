-- Options that are not known are stepped over, in any segment and at any place (MUST-4, MUST-5, MUST-6, MUST-64).
local dw = require "drywire"
dw.covers("MUST-4", "MUST-5", "MUST-6", "MUST-64")
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, checks = "off" }
local got
server:serve(80, function(conn) conn:send(("x"):rep(3000)); got = conn:recv() end)
local function forge(at, flags, seq, ack, options, data)
  link:inject { at = at, from = client, port = 5000, to = server, to_port = 80, flags = flags, seq = seq, ack = ack, options = options, data = data }
end
link:drop { from = client, flags = "RST" }
-- A NOP, an unknown kind of 3 octets, then the MSS at an odd place, and the end of the list with zeros.
forge("0s", "SYN", 99, 0, "\1\253\3\9\2\4\3\232\0")
forge("100ms", "ACK", 100, 300)
forge("200ms", "PSH,ACK", 100, 300, "\253\4\7\7", "data")
sim:run "1s"
assert(got == "data")
assert(sim.trace:packets { from = server, has_data = true }[1].len == 1000)   -- MSS 1000 = 3 * 256 + 232
