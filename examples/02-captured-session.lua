-- A session as it was captured once, with the sequence numbers of the capture.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { 2755731984, 3747234003 } }

server:serve(7, function(conn)
  for _, n in ipairs { 9, 9, 28, 11 } do
    conn:send(("x"):rep(n))
    server:sleep "500ms"
  end
  conn:close()
end)
local bytes
client:spawn(function()
  local conn = assert(client:connect("server", 7))
  bytes = #assert(conn:recv_all())
  conn:close()
end)
sim:run()

assert(bytes == 57)
local packets = sim.trace:packets { from = client, flags = "=ACK" }
dw.expect(sim):packets({ from = client, flags = "SYN", seq = 2755731984 }, 1)
dw.expect(sim):packets({ from = server, has_data = true }, 4)
assert(packets[#packets].ack == 3747234003 + 1 + 57 + 1)     -- SYN, the data, FIN
dw.expect(sim):packets({ from = client, flags = "=ACK", when = function(p)
  return p.ack == 3747234003 + 1 + 57
end }, 1)
print(sim.trace:ladder { numbers = "absolute", width = 110 })
print("trace " .. sim.trace:hash())
