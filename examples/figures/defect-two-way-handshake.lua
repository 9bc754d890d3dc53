-- Why three ways: with two an old SYN opens a connection that nobody wants
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  server:serve(80, function(conn) conn:recv() end)
  link:inject { from = client, port = 5000, to = server, to_port = 80, flags = "SYN", seq = 7 }
  link:drop { from = client, flags = "RST" }         -- the client's objection is lost
  sim:run "4min"
  return server:conn():state()
end
assert(run("", "As it should be") == "LISTEN")              -- it gives up
assert(run("two-way-handshake", "With the defect two-way-handshake") == "ESTABLISHED")          -- and waits for ever
