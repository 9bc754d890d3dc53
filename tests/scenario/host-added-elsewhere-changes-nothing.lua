-- An unrelated host and link do not reorder or reseed anybody else.
local dw = require "drywire"
local function run(extra)
  local sim = dw.sim { seed = 5 }
  local a, b = sim:host "a", sim:host "b"
  sim:link(a, b, { delay = "10ms", loss = "5%" })
  if extra then sim:link(sim:host "c", sim:host "d", { loss = "50%" }) end
  b:serve(80, function(conn) conn:recv_all(); conn:close() end)
  a:spawn(function()
    local conn = assert(a:connect("b", 80))
    conn:send(("x"):rep(30000))
    conn:close()
  end)
  sim:run()
  local lines = {}
  for i, p in ipairs(sim.trace:packets()) do
    lines[i] = ("%.9f %s %d %d %s"):format(p.time, p.flags, p.seq, p.len, tostring(p.lost))
  end
  sim:close()
  return table.concat(lines, "\n")
end
assert(run(false) == run(true))
