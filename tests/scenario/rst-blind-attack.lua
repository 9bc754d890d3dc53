-- R1, R2: A forged RST: outside the window ignored, inside it challenged, exact it resets (RFC 5961 3).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
local function forge(at, seq)
  link:inject { at = at, from = client, port = 5000, to = server, to_port = 80, flags = "RST", seq = seq }
end
forge("1s", 99); forge("2s", 101); forge("3s", 100)
server:serve(80, function(conn) local _, why = conn:recv(); assert(why == "reset") end)
client:spawn(function() assert(client:connect("server", 80, { local_port = 5000 })) end)
sim:run "2.5s"
dw.expect(sim):packets({ from = server, flags = "=ACK", after = "1s" }, 1)
dw.expect(server):states "LISTEN SYN-RECEIVED ESTABLISHED"
sim:run()
dw.expect(server):states "LISTEN SYN-RECEIVED ESTABLISHED CLOSED"
