-- An ACK in SYN-RECEIVED offers a scaled window, rounded up; the SYN,ACK that then goes again has a field of 16 bits, which cannot say as much: nothing is taken back, and no rule is broken.
local dw = require "drywire"
local sim, client, server, link = dw.pair {
  delay = "20ms", profile = "freebsd", isn = { 99, 299 },
}
link:drop { from = client, flags = "=ACK", before = "1s" }
link:inject { at = "100ms", from = client, port = 49152, to = server, to_port = 80, flags = "ACK", seq = 2000000, ack = 300 }
local conn
server:serve(80, function(c) conn = c; c:recv_all(); c:close() end)
client:spawn(function()
  local c = assert(client:connect("server", 80))
  client:sleep "2s"
  c:close()
end)
sim:run()
local answer = sim.trace:packets { from = server, flags = "=ACK", before = "200ms" }
assert(#answer == 1 and answer[1].window << 6 > 65535)
assert(sim.trace:count { from = server, flags = "SYN,ACK" } > 1)
for _, p in ipairs(sim.trace:packets { from = server, flags = "ACK" }) do
  if not p:has "SYN" then assert(p.window << 6 >= 65535 - 1) end
end
