-- RFC 2525 2.2: no slow start after a retransmission timeout
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect, initial_window = 12 } }
  link:drop { from = client, has_data = true, nth = { 5, 6, 7, 8, 9, 10, 11, 12 } }
  link:drop { from = client, has_data = true, after = "60ms", before = "900ms" }
  local got
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(29200)); conn:close()
  end)
  sim:run "1.4s"
  return sim.trace:count { from = client, has_data = true, after = "1s" }
end
local slow = run("", "As it should be")
local fast = run("2525.2", "With the defect 2525.2")
assert(slow < fast)                   -- the window did not fall, and its whole content goes again
