-- Comer, Computer Networks and Internets, figure 25.4: window advertisements of a buffer of 2500 octets
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", isn = { 0, 0 }, buffer = 2500, mss = 1000, tcp = { delayed_ack = "0s" } }
server:serve(80, function(conn)
  server:sleep "400ms"
  conn:recv(2000)                          -- the application reads 2000 octets
  server:sleep "200ms"
  conn:recv(1000); conn:recv(1000)
  conn:recv_all(); conn:close()
end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(4500)); conn:close()
end)
sim:run()
print "  acknowledges   window"
local zero, reopened
for _, p in ipairs(sim.trace:packets { from = server, flags = "=ACK", after = "50ms" }) do
  print(("  %12d   %6d"):format(p.ack, p.window))
  if p.window == 0 then zero = true end
  if zero and p.window >= 2000 then reopened = true end
end
print ""
assert(zero and reopened)
