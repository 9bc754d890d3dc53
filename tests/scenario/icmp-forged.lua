-- ICMP errors that quote nothing outstanding, and Source Quench, are ignored (MUST-55; RFC 5927).
local dw = require "drywire"
dw.covers("MUST-54", "MUST-55")
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  client:sleep "990ms"; link:drop { from = client }
  conn:send "hello"
end)
local function icmp(at, kind, port, seq)
  link:inject { at = at, protocol = "icmp", flags = kind, from = server, to = client, port = port, to_port = 80, seq = seq }
end
icmp("1.1s", "port-unreachable", 5000, 99)       -- acknowledged long ago
icmp("1.2s", "port-unreachable", 5000, 5000)     -- never sent
icmp("1.3s", "port-unreachable", 5001, 100)      -- another connection
icmp("1.4s", "source-quench", 5000, 100)
sim:run "1.9s"
assert(client:conn():state() == "ESTABLISHED")
dw.expect(client):cause("icmp-ignored", 3)
dw.expect(client):cause("source-quench-ignored", 1)
