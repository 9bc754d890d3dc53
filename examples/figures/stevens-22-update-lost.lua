-- Stevens section 22.2: without the persist timer a lost window update is a deadlock
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, buffer = 2000, mss = 1000, tcp = { defect = defect } }
  local got
  server:serve(80, function(conn) server:sleep "500ms"; got = conn:recv_all(); conn:close() end)
  link:drop { from = server, flags = "=ACK", after = "450ms", nth = 1 }        -- the window update
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(4000)); conn:close()
  end)
  sim:run "1min"
  return got
end
assert(#run("", "With the persist timer") == 4000)
assert(run("no-window-probe", "Without: both wait for ever") == nil)
