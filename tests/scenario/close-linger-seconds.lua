-- C30: SO_LINGER n: close returns when all is acknowledged, or after n seconds.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
local quick, slow
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send "hello"
  local from = sim:now()
  assert(conn:close { linger = "3s" })
  quick = sim:now() - from
  conn = assert(client:connect(server, 80))
  link:down()
  conn:send "hello"
  from = sim:now()
  local ok, why = conn:close { linger = "3s" }
  assert(not ok and why == "timeout")
  slow = sim:now() - from
  link:up()
end)
sim:run()
assert(quick < 0.1 and slow == 3)
