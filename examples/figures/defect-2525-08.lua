-- RFC 2525 2.8: the window stays inflated after recovery
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", rate = "10Mbps", tcp = { defect = defect, initial_window = 20 } }
  link:drop { from = client, has_data = true, nth = 3 }
  local got
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(60000)); conn:close()
  end)
  sim:run "20s"
  local biggest, burst, last = 0, 0, nil
  for _, p in ipairs(sim.trace:packets { from = client, has_data = true }) do
    burst = last == p.time and burst + 1 or 1
    last = p.time
    if p.time > 0.1 then biggest = math.max(biggest, burst) end
  end
  return biggest
end
local right = run("", "As it should be")
local wrong = run("2525.8", "With the defect 2525.8")
assert(wrong > right)                 -- a burst follows
