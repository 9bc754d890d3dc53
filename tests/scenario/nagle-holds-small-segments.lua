-- W12: Nagle: one small segment is outstanding at a time, unless it is switched off (3.7.4, MUST-17).
local dw = require "drywire"
dw.covers("MUST-17", "SHLD-7")
for _, nagle in ipairs { true, false } do
  local sim, client, server = dw.pair { delay = "50ms", tcp = { nagle = nagle } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect("server", 80))
    for _ = 1, 10 do conn:send "k"; client:sleep "10ms" end
    conn:close()
  end)
  sim:run()
  local n = sim.trace:count { from = client, has_data = true }
  assert(nagle and n < 5 or not nagle and n == 10)
  sim:close()
end
