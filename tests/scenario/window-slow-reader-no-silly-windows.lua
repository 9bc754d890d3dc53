-- W11: A reader that takes one byte at a time does not make tiny segments (RFC 9293 3.8.6.2.2).
local dw = require "drywire"
dw.covers("MUST-38", "MUST-39")
local sim, client, server = dw.pair { delay = "5ms", buffer = 3000, mss = 1000 }
server:serve(80, function(conn)
  while conn:recv(1) do server:sleep "1ms" end
  conn:close()
end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send(("x"):rep(10000))
  conn:close()
end)
sim:run()
for _, p in ipairs(sim.trace:packets { from = client, has_data = true }) do
  assert(p.len >= 500 or p.cause == "zero-window-probe" or p.len == 1, p.len)
end
