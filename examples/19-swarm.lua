-- A transfer over a path that is drawn, with faults that are drawn: what 200 seeds come to, and what they may have missed.
--
--     drywire run examples/19-swarm.lua
--
-- "drywire swarm" does the same with a whole script, and makes what fails as small as it can be.
local dw = require "drywire"

local function transfer()
  local size = dw.param("size", 1, { 100, 1460, 20000 })
  local sim, client, server = dw.pair {
    delay = dw.param("delay", "10ms", { "1ms", "200ms" }),
    rate = dw.param("rate", "100Mbps", { "1Mbps" }),
    profile = dw.param("profile", "rfc9293", { "linux", "freebsd" }),
  }
  local got
  server:serve(80, function(conn)
    got = conn:recv_all()
    conn:close()
  end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(size))
    conn:close()
  end)
  sim:run()
  assert(#got == size, "the server got " .. #got)
  return sim
end

local found = dw.swarm({ seeds = dw.range(1, 200), faults = 2 }, transfer)
print(found.report)
assert(found.seeds == 200)

-- Once more without any fault, and with the simplest parameters.
local sim = transfer()
print(sim.trace:ladder())
print("trace " .. sim.trace:hash())
