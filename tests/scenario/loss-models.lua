-- Loss models: every nth packet, a pattern, and Gilbert's bursts.
local dw = require "drywire"
local function lost(model, n)
  local sim, client, server, link = dw.pair { delay = "1ms", to_server = { loss = model }, seed = 2 }
  for i = 1, n do
    link:inject { at = ("%dms"):format(i), from = client, port = 1, to = server, to_port = 2, flags = "RST", seq = 0 }
  end
  sim:run()
  local s = ""
  for _, p in ipairs(sim.trace:packets { from = client }) do s = s .. (p.lost and "X" or ".") end
  sim:close()
  return s
end
assert(lost(dw.loss.every(3), 7) == "..X..X.")
assert(lost(dw.loss.pattern "X.", 5) == "X.X.X")
local bursts = lost(dw.loss.gilbert { p = "5%", r = "30%" }, 2000)
local _, losses = bursts:gsub("X", "")
local _, starts = bursts:gsub("%.X", "")
assert(losses > 150 and losses < 450)          -- 5/35 of all, in the long run
assert(losses / starts > 2.2)                  -- in bursts of 1/0.3 on average
for _, bad in ipairs { { every = 0 }, { pattern = "abc" }, { p = "200%" }, { q = 1 }, {} } do
  assert(not pcall(dw.pair, { loss = bad }))
end
