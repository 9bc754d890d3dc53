-- Why a SYN,ACK for an old SYN is reset: else the listener stays half open
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  server:serve(80, function(conn) conn:recv() end)
  link:inject { from = client, port = 5000, to = server, to_port = 80, flags = "SYN", seq = 7 }
  sim:run "1min"
  return server:conn():state()
end
assert(run("", "As it should be") == "LISTEN")
assert(run("no-rst-for-old-syn", "With the defect no-rst-for-old-syn") == "SYN-RECEIVED")
