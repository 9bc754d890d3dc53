-- RFC 5482: a user timeout, told to the peer
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { user_timeout_option = true } }
server:serve(80, function(conn) conn:recv_all() end)
local why, at
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:set { user_timeout = "15s" }
  conn:send "one"; client:sleep "1s"
  link:down(); conn:send "two"
  why = select(2, conn:recv()); at = sim:now() - 1
end)
sim:run "1min"
local told = sim.trace:packets { from = client, has_data = true }[1]
assert(dw.tcp_options(told.options).user_timeout == 15)
assert(why == "timeout" and at >= 15 and at < 32)
