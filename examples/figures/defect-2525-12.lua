-- RFC 2525 2.12: a probe that was kept is taken for an open window
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", buffer = 2000, tcp = { defect = defect } }
  local got
  server:serve(80, function(conn) server:sleep "5s"; got = conn:recv_all(); conn:close() end)
  link:drop { from = server, flags = "=ACK", after = "4.9s", nth = 1 }         -- the update is lost
  link:rewrite { from = server, flags = "=ACK", after = "1s", before = "2s", set = { window = 0 } }
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(4000)); conn:close()
  end)
  sim:run "2min"
  return got
end
assert(#run("", "As it should be") == 4000)
assert(run("2525.12", "With the defect 2525.12") == nil)
