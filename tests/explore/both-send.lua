-- Both send, and finish at about the same time.
local dw = require "drywire"
local sim, client, server = dw.pair { tcp = { defect = dw.param("defect") }, delay = "10ms" }
local there, back
server:serve(80, function(conn) conn:send "world" there = conn:recv(5) server:sleep "1ms" conn:shutdown() conn:recv_all() conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send "hello" back = conn:recv(5) conn:shutdown()
  conn:recv_all() conn:close()
end)
sim:run()
assert(there == "hello" and back == "world", tostring(there) .. tostring(back))
