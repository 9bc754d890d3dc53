-- X3: without backoff retransmissions keep their pace; with it they double (MUST-19).
local dw = require "drywire"
dw.covers "MUST-19"
local function count(defect)
  local sim, client, server, link = dw.pair { delay = "20ms", tcp = { defect = defect } }
  server:serve(80, function(conn) conn:recv() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    link:down(); conn:send "hello"
  end)
  sim:run "60s"
  return sim.trace:count { from = client, has_data = true }
end
assert(count "" <= 7 and count "no-backoff" >= 50)
