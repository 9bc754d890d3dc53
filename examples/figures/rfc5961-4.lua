-- RFC 5961 section 4: a blind SYN draws a challenge ACK, whatever its number
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:listen(80)
client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })) end)
for i, seq in ipairs { 7, 5000 } do
  link:inject { at = i .. "s", from = server, port = 80, to = client, to_port = 5000, flags = "SYN", seq = seq }
end
sim:run()
dw.expect(sim):packets({ from = client, flags = "=ACK", after = "1s", seq = 100 }, 2)
dw.expect(client):states "CLOSED SYN-SENT ESTABLISHED"
