-- Why FIN is retransmitted: one lost FIN, and the close never completes
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  link:drop { from = client, flags = "FIN", nth = 1 }
  client:spawn(function() assert(client:connect(server, 80)):close() end)
  sim:run "1min"
  return server:conn():state()
end
assert(run("", "As it should be") == "CLOSED")
assert(run("fin-not-retransmitted", "With the defect fin-not-retransmitted") == "ESTABLISHED")
