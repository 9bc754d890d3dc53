-- Over IPv6, too, an ICMP error counts only if it quotes what is outstanding (RFC 4443 2.4; RFC 5927).
local dw = require "drywire"
local sim = dw.sim {}
local client = sim:host("client", { addr = "2001:db8::1", isn = 99 })
local server = sim:host("server", { addr = "2001:db8::2", isn = 299 })
local link = sim:link(client, server, { delay = "20ms" })
server:serve(80, function(conn) conn:recv() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  client:sleep "990ms"; link:drop { from = client }
  conn:send "hello"
end)
local function icmp(at, kind, seq)
  link:inject { at = at, protocol = "icmp", flags = kind, from = server, to = client, port = 5000, to_port = 80, seq = seq }
end
icmp("1.1s", "port-unreachable", 99)   -- acknowledged long ago
icmp("1.2s", "port-unreachable", 5000) -- never sent
icmp("1.3s", "port-unreachable", 100)
sim:run "1.25s"
assert(client:conn():state() == "ESTABLISHED")
dw.expect(client):cause("icmp-ignored", 2)
sim:run "1.9s"
assert(client:conn():state() == "CLOSED")
