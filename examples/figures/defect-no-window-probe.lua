-- Why zero windows are probed: one lost update, and both ends wait
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", buffer = 2000, mss = 1000, tcp = { defect = defect } }
  local got
  server:serve(80, function(conn) server:sleep "500ms"; got = conn:recv_all(); conn:close() end)
  link:drop { from = server, flags = "=ACK", after = "450ms", nth = 1 }
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(4000)); conn:close()
  end)
  sim:run "1min"
  return got
end
assert(#run("", "As it should be") == 4000)
assert(run("no-window-probe", "With the defect no-window-probe") == nil)
