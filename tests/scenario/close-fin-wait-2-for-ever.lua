-- C14: The peer never closes: FIN-WAIT-2 lasts as long as it takes, except under the linux profile.
local dw = require "drywire"
for _, profile in ipairs { "rfc9293", "linux" } do
  local sim, client, server = dw.pair { delay = "20ms", profile = profile }
  server:serve(80, function(conn) assert(conn:recv() == nil); server:sleep "10min" end)
  client:spawn(function() assert(client:connect("server", 80)):close() end)
  sim:run()
  local state = client:conn(1):state()
  assert(state == (profile == "linux" and "CLOSED" or "FIN-WAIT-2"))
  sim:close()
end
