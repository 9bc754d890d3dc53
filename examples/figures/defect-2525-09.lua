-- RFC 2525 2.9: one keepalive probe without an answer ends the connection
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  server:serve(80, function(conn) conn:recv_all() end)
  client:spawn(function() assert(client:connect(server, 80, { keepalive = true, keepalive_idle = "1min" })) end)
  link:drop { from = client, after = "30s", nth = 1 }       -- the first probe is lost
  sim:run "4min"
  return client:conn():state()
end
assert(run("", "As it should be") == "ESTABLISHED")
assert(run("2525.9", "With the defect 2525.9") == "CLOSED")
