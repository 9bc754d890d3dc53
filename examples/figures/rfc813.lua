-- RFC 813: the silly window syndrome, and how both ends avoid it
local dw = require "drywire"
-- The reader takes 10 octets at a time; the window still opens by whole segments.
local sim, client, server = dw.pair { delay = "20ms", isn = { 99, 299 }, buffer = 3000, mss = 1000 }
local got = 0
server:serve(80, function(conn)
  while true do
    server:sleep "5ms"
    local data = conn:recv(10)
    if not data then break end
    got = got + #data
  end
  conn:close()
end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(8000)); conn:close()
end)
sim:run()
assert(got == 8000)
local data = sim.trace:packets { from = client, has_data = true }
for i = 4, #data do assert(data[i].len >= 1000) end
print(("  %d segments for 8000 octets read ten at a time\n"):format(#data))
