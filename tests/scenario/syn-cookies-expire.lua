-- A SYN cookie is good for two minutes, for its own connection, and for nobody else (RFC 4987 3.6).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, checks = "off", tcp = { syn_full = "cookies", syn_backlog = 1 } }
server:listen(80)
link:drop { from = client, flags = "RST" }
local function inject(at, port, flags, seq, ack)
  link:inject { at = at, from = client, port = port, to = server, to_port = 80, flags = flags, seq = seq, ack = ack }
end
for i = 0, 3 do inject("0s", 5000 + i, "SYN", 7) end             -- the first fills the backlog; the others get cookies
sim:run "1s"
local cookies = sim.trace:packets { from = server, flags = "SYN,ACK", when = function(p) return p.dport > 5000 end }
assert(#cookies == 3)
inject("2s", 5002, "ACK", 8, cookies[1].seq + 1)                 -- another's
inject("3s", 5001, "ACK", 9, cookies[1].seq + 1)                 -- for another SYN
inject("4s", 5001, "ACK", 8, cookies[1].seq + 1)                 -- right
inject("200s", 5002, "ACK", 8, cookies[2].seq + 1)               -- too late
sim:run "5min"
dw.expect(server):cause("syn-cookie-valid", 1)
dw.expect(server):cause "reset-ack-in-listen"
