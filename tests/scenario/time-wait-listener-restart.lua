-- T9: a listener starts again on a port that has connections in TIME-WAIT, or may not, by switch (SO_REUSEADDR).
local dw = require "drywire"
dw.covers("MUST-41", "MUST-42")
for _, reuse in ipairs { true, false } do
  local sim, client, server = dw.pair { delay = "20ms", tcp = { reuse_address = reuse } }
  local listener = server:serve(80, function(conn) conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:recv_all(); conn:close()
  end)
  sim:run "1s"
  listener:close()
  assert(pcall(server.listen, server, 80) == reuse)
  assert(server:conn():state() == "TIME-WAIT")   -- and it is none the worse for it
end
