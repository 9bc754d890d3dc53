-- RFC 2525 2.5: data beyond a gap is thrown away
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", rate = "10Mbps", tcp = { defect = defect, initial_window = 20 } }
  link:drop { from = client, has_data = true, nth = 3 }
  local got
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(29200)); conn:close()
  end)
  sim:run "60s"
  assert(#got == 29200)
  return sim.trace:count { from = client, has_data = true }
end
assert(run("", "As it should be") == 21)                    -- one for the one that was lost
assert(run("2525.5", "With the defect 2525.5") > 30)                      -- and one for each behind it
