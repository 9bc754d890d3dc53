-- Run with --plugin ./counter.so: three packets of the plugin's protocol are counted and answered.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms" }

for i = 1, 3 do
  link:inject { at = ("%dms"):format(10 * i), protocol = "counter", from = client, to = server, seq = i }
end
sim:run()

local answers = sim.trace:packets { from = server }
assert(#answers == 3, #answers)
for _, p in ipairs(answers) do assert(p.cause == "counter-answer") end
print(("%d packets counted and answered"):format(#answers))
