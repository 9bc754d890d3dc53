-- An intercept decides packet by packet.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms" }
local seen = 0
link:intercept(function(p)
  if p.len == 0 then return end
  seen = seen + 1
  if seen == 1 then return "drop" end
  if seen == 2 then return "delay", "200ms" end
  return "duplicate"
end)
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send "payload"
  conn:close()
end)
sim:run()
assert(got == "payload" and seen >= 2)
