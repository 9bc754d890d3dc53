-- The user may turn reports of passing trouble off (SHLD-20).
local dw = require "drywire"
dw.covers("SHLD-20", "MUST-47")
for _, wanted in ipairs { true, false } do
  local sim, client, server, link = dw.pair { delay = "20ms" }
  server:serve(80, function(conn) conn:recv() end)
  local n = 0
  client:spawn(function()
    local conn = assert(client:connect(server, 80, { reports = wanted }))
    conn:on_report(function() n = n + 1 end)
    link:down(); conn:send "hello"
  end)
  sim:run "30s"
  assert(n == (wanted and 1 or 0))
end
