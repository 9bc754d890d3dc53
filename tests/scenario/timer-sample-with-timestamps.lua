-- X4, X19: with timestamps a retransmitted segment gives a sample too, and is still retransmitted (RFC 7323 4).
local dw = require "drywire"
for _, timestamps in ipairs { false, true } do
  local sim, client, server, link = dw.pair { delay = "20ms", tcp = { timestamps = timestamps } }
  link:drop { from = client, has_data = true, nth = 1 }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send "hello"; client:sleep "3s"; conn:close()
  end)
  sim:run "3s"
  assert((client:conn():info().rto_ns == 1000000000) == timestamps)   -- without: still backed off to 2 s
end
