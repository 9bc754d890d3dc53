-- How long a handshake takes when segments are lost: a sweep over the loss, twenty seeds at each point, and the slowest to look at.
local dw = require "drywire"

local function handshake(point)
  local sim, client, server = dw.pair { seed = point.seed, delay = "20ms", loss = point.loss }
  local established
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = client:connect(server, 80)
    if conn then established = sim:now(); conn:close() end
  end)
  sim:run()
  return established, sim
end

local result = dw.sweep({ loss = { "0%", "10%", "20%", "30%" }, seed = dw.range(1, 20) }, handshake)
print(result:table())
print(result:plot { x = "loss", band = "p5-p95", y_label = "s until ESTABLISHED" })

local rows = result:rows()
assert(#rows == 4 and rows[1].mean == 0.04 and rows[1].deviation == 0)
assert(rows[4].p95 >= 1.04, "the first SYN is sent again after a second (RFC 6298)")

local slowest = 1
for seed, time in ipairs(rows[4].values) do
  if time > rows[4].values[slowest] then slowest = seed end
end
local time, sim = handshake { loss = "30%", seed = slowest }
assert(time == rows[4].max) -- one seed, one run, wherever it runs
print(sim.trace:ladder { part = "open" })
print("trace " .. sim.trace:hash())
