-- W6: both windows are closed and both ends probe with an octet, so that the ACKs of each stand one beyond what the other counts; when one end reads, its window update is heeded all the same (RFC 9293 3.10.7.4: "special allowance should be made to accept valid ACKs").
local dw = require "drywire"
for _, profile in ipairs { "rfc9293", "linux", "freebsd", "rfc793", "embedded" } do
  local sim, client, server = dw.pair { delay = "20ms", buffer = 4000, profile = profile }
  local up, down, down_at
  server:serve(80, function(conn)
    conn:send(("d"):rep(20000))            -- waits until the client reads
    conn:shutdown()
    up = conn:recv_all()
    conn:close()
  end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    client:spawn(function()
      client:sleep "10s"
      down = conn:recv_all()
      down_at = sim:now()
    end)
    conn:send(("u"):rep(20000))            -- waits until the server reads
    conn:shutdown()
    while not down do client:sleep "1s" end
    conn:close()
  end)
  sim:run()
  assert(#up == 20000 and #down == 20000, profile)
  assert(down_at < 30, ("%s: the transfer took until %.1f s"):format(profile, down_at))
  sim:close()
end
