-- O11: a RST in SYN-SENT that does not acknowledge our SYN is dropped (RFC 9293 3.10.7.3).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
link:delay { from = client, flags = "SYN", nth = 1, by = "1s" }
local function forge(at, flags, ack)
  link:inject { at = at, from = server, port = 80, to = client, to_port = 5000, flags = flags, seq = 0, ack = ack }
end
forge("100ms", "RST", 0)
forge("200ms", "RST,ACK", 99)    -- not ISS + 1
forge("300ms", "RST,ACK", 101)
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })):close() end)
sim:run()
dw.expect(client):cause("rst-bad-ack", 3)
dw.expect(client):reaches "ESTABLISHED"
