-- Exploring from Lua: a handshake, five octets and a close, in a plain loop, under plans of losses each of which is
-- run, and under plans of every kind with runs that meet.  A unit is a run, and in the last a plan.
local dw = require "drywire"
local clock = os.clock -- outside a simulation the real one

local function life()
  local sim <close>, client, server = dw.pair { delay = "10ms", trace = "off" }
  local got
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  client:spawn(function() local conn = assert(client:connect(server, 80)); conn:send "hello"; conn:close() end)
  sim:run()
  assert(got == "hello", got)
end

local function measure(name, fn)
  local before = clock()
  local units = fn()
  local took = clock() - before
  print(("%-12s %14d units %9.3f s %10.1f ns/unit"):format(name, units, took, took / units * 1e9))
end

measure("E1/loop", function()
  for _ = 1, 5000 do life() end
  return 5000
end)
measure("E1/runs", function() return dw.explore({ drop = 6, merge = false }, life).runs end)
measure("E1/plans", function()
  return dw.explore({ drop = 3, duplicate = 3, corrupt = 3, delay = 3, faults = 3, max_runs = 40000 }, life).schedules
end)
