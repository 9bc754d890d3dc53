-- T3: a SYN that is not above is acknowledged, the peer resets, and what follows is up to the RST rule (RFC 1337).
local dw = require "drywire"
for _, rule in ipairs { "close", "ignore" } do
  local sim, client, server = dw.pair { delay = "20ms", isn = { { 9000, 99 }, { 299, 400 } }, tcp = { time_wait_rst = rule } }
  server:serve(80, function(conn) conn:close() end)
  local function once(timeout)
    local conn = client:connect(server, 80, { local_port = 5000, timeout = timeout })
    if not conn then return false end
    conn:recv_all(); conn:close()
    return true
  end
  local second
  client:spawn(function() assert(once()); client:sleep "5s"; second = once "5s" end)
  sim:run "20s"
  assert(second == (rule == "close"))   -- with F1 the port stays blocked
end
