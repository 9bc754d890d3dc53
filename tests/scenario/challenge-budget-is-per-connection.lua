-- R8: the budget of challenge ACKs is each connection's own: what one spends tells nothing about another.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { { 99, 1099 }, { 299, 1299 } }, tcp = { challenge_limit = 3 } }
server:serve(80, function(conn) conn:recv() end)
client:spawn(function()
  assert(client:connect(server, 80, { local_port = 5000 }))
  assert(client:connect(server, 80, { local_port = 5001 }))
end)
local function challenge(port, at, seq)
  link:inject { at = at, from = client, port = port, to = server, to_port = 80, flags = "RST", seq = seq }
end
for i = 1, 10 do challenge(5000, ("%dms"):format(1000 + i), 200) end
for i = 1, 3 do challenge(5001, ("%dms"):format(1100 + i), 1200) end
sim:run "2s"
dw.expect(sim):packets({ from = server, to_port = 5000, after = "1s" }, 3)
dw.expect(sim):packets({ from = server, to_port = 5001, after = "1s" }, 3)
