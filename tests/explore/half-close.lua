-- The client finishes first and goes on reading.
local dw = require "drywire"
local sim, client, server = dw.pair { tcp = { defect = dw.param("defect") }, delay = "10ms" }
local there, back
server:serve(80, function(conn) there = conn:recv_all() conn:send "world" conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send "hello" conn:shutdown()
  back = conn:recv_all() conn:close()
end)
sim:run()
assert(there == "hello" and back == "world", tostring(there) .. tostring(back))
