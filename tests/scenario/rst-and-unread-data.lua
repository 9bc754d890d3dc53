-- R11: a RST throws away data that was not read yet, or leaves it, by switch (RFC 9293 3.10.7.4; Linux).
local dw = require "drywire"
for _, rule in ipairs { "flush", "keep" } do
  local sim, client, server = dw.pair { delay = "20ms", tcp = { rst_unread = rule } }
  local got
  server:serve(80, function(conn) server:sleep "2s"; got = conn:recv() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send "last words"; client:sleep "1s"; conn:reset()
  end)
  sim:run()
  assert(got == (rule == "keep" and "last words" or nil))
end
