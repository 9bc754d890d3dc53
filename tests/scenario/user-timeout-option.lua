-- K6: the timeout is told to the peer, who waits as long (RFC 5482 3.1).
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", tcp = { user_timeout_option = true } }
local seen
server:serve(80, function(conn)
  conn:recv()
  seen = conn:info().user_timeout_ns / 1e9
end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:set { user_timeout = "30min" }
  conn:send "hello"
end)
sim:run "1s"
assert(seen == 1800)
local told = sim.trace:packets { from = client, has_data = true }[1]
assert(dw.tcp_options(told.options).user_timeout == 1800)
