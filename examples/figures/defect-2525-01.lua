-- RFC 2525 2.1: no initial slow start
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  local got
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(29200)); conn:close()
  end)
  sim:run "50ms"
  return sim.trace:count { from = client, has_data = true }
end
assert(run("", "As it should be") <= 4)
assert(run("2525.1", "With the defect 2525.1") == 20)                     -- everything at once
