-- O10: a RST in SYN-RECEIVED that came from LISTEN leads back there in silence, and the place is free (MUST-11).
local dw = require "drywire"
dw.covers "MUST-11"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
local listener = server:listen(80, { backlog = 1 })
local function forge(at, port, flags, seq, ack)
  link:inject { at = at, from = client, port = port, to = server, to_port = 80, flags = flags, seq = seq, ack = ack }
end
forge("1s", 5000, "SYN", 99)
forge("1.1s", 5000, "RST", 100)
server:spawn(function() server:sleep "2s"; assert(listener:info().half_open == 0) end)
client:spawn(function() client:sleep "3s"; assert(client:connect(server, 80)):reset() end)
sim:run()
dw.expect(server):states "LISTEN SYN-RECEIVED LISTEN SYN-RECEIVED ESTABLISHED CLOSED"
