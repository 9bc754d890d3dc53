-- Every packet that was sent or dropped, every timer and every change of state names its cause in the trace.
local dw = require "drywire"
for _, profile in ipairs { "rfc9293", "linux", "freebsd", "rfc793", "embedded" } do
  local sim, client, server, link = dw.pair {
    delay = "10ms", rate = "2Mbps", loss = "5%", duplicate = "5%", corrupt = "5%", reorder = "10%", queue = 5,
    buffer = 5000, profile = profile, seed = 3,
  }
  link:inject { at = "1s", from = client, port = 9, to = server, to_port = 80, flags = "RST", seq = 1 }
  link:inject { at = "1s", from = client, port = 9, to = server, to_port = 81, flags = "ACK", seq = 1, ack = 0 }
  server:serve(80, function(conn)
    server:sleep "5s"
    conn:recv_all()
    conn:close()
  end)
  client:spawn(function()
    local conn = assert(client:connect("server", 80))
    conn:send(("x"):rep(100000))
    conn:close()
  end)
  sim:run()
  local seen = 0
  for line in sim.trace:text():gmatch "[^\n]+" do
    local kind = line:match "^%s*%S+%s+%S+%s+(%S+)"
    if kind == "sent" or kind == "dropped" or kind == "state" or kind == "damaged" or kind:find "^timer" then
      assert(line:find "%([%w-]+%)$", line)
      seen = seen + 1
    end
  end
  assert(seen > 100)
  sim:close()
end
