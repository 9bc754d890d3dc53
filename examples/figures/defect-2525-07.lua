-- RFC 2525 2.7: an initial timeout that is too short
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  link:set { delay = "300ms" }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send "hello"; client:sleep "5s"; conn:close()
  end)
  sim:run "5s"
  return sim.trace:count { from = client }
end
assert(run("", "As it should be") == 3)                     -- SYN, ACK, data
assert(run("2525.7", "With the defect 2525.7") > 6)                       -- everything several times, though nothing was lost
