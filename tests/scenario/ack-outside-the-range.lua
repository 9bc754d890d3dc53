-- R5: an ACK ahead of SND.NXT, or older than any window, is answered and its data refused (RFC 5961 5.2, MAY-12).
local dw = require "drywire"
dw.covers "MAY-12"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, buffer = 1000 }
server:serve(80, function(conn) conn:send(("x"):rep(5000)); conn:recv() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80, { local_port = 5000 }))
  while true do if not conn:recv() then break end end
end)
for i, ack in ipairs { 300, 99999 } do          -- 5000 octets ago, and never sent
  link:inject { at = i .. "s", from = client, port = 5000, to = server, to_port = 80, flags = "PSH,ACK", seq = 100, ack = ack, data = "evil" }
end
sim:run "5s"
dw.expect(server):cause("ack-out-of-range", 2)
assert(server:conn():info().rcv_nxt == 100)
