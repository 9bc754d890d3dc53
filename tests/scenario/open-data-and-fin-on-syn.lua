-- O27: data and FIN that come with a SYN wait for ESTABLISHED and are then processed (RFC 9293 3.4, 3.10.7.2).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, checks = "off" }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
local function forge(at, flags, seq, ack, data)
  link:inject { at = at, from = client, port = 5000, to = server, to_port = 80, flags = flags, seq = seq, ack = ack, data = data }
end
link:drop { from = client, flags = "RST" }
forge("0s", "SYN,FIN", 99, 0, "early")
forge("500ms", "ACK", 105, 300)
sim:run "1s"
assert(got == "early")
dw.expect(server):states "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK"
