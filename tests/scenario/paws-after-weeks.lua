-- P7: after 24 days of silence the last timestamp means nothing any more (RFC 7323 5.5).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, limit = "800h", tcp = { timestamps = true } }
local got
server:serve(80, function(conn) got = conn:recv(); conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  client:sleep "720h"     -- thirty days: the clock of 2^32 ms has passed the half
  conn:send "still me"; conn:close()
end)
sim:run()
assert(got == "still me")
