-- Whoever closes with unread data and sends a FIN (close_unread) has room again: the peer's probe finds the window open, its data draws a RST, and it probes no longer.
local dw = require "drywire"
for _, profile in ipairs { "rfc9293", "freebsd", "rfc793" } do
  local sim, client, server = dw.pair { delay = "20ms", profile = profile, buffer = 2000, tcp = { close_unread = "fin" } }
  server:serve(80, function(conn) server:sleep "5s"; conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(6000))
    conn:close()
  end)
  sim:run "1h"
  local last = sim.trace:packets {}
  assert(last[#last].time < 100, profile .. ": still sending at " .. last[#last].time)
  assert(sim.trace:count { from = server, flags = "RST" } > 0, profile)
end
