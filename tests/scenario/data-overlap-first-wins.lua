-- D5: where old and new octets overlap and differ, those that came first are kept.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, checks = "off" }
local got = ""
server:serve(80, function(conn) for data in conn:chunks() do got = got .. data end end)
client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })) end)
local function forge(at, seq, data, flags)
  link:inject { at = at, from = client, port = 5000, to = server, to_port = 80, flags = flags or "ACK", seq = seq, ack = 300, data = data }
end
forge("1s", 103, "DDD")           -- early, with a gap before it
forge("1.1s", 102, "ccccc")       -- around it on both sides
forge("1.2s", 100, "aaaaaa", "FIN,ACK")     -- its FIN, at 106, lies inside what came before
sim:run "2s"
assert(got == "aacDDDc" and server:conn():state() == "ESTABLISHED")
