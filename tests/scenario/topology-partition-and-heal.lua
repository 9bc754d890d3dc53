-- A partition takes down the links between two groups; after it heals, the transfer goes on.
local dw = require "drywire"
local sim = dw.sim()
local a, b, c = sim:host "a", sim:host "b", sim:host "c"
sim:link(a, b, { delay = "5ms" })
sim:link(b, c, { delay = "5ms" })
sim:at("50ms", function() sim:partition({ a, "b" }, { c }) end)
sim:at("3s", function() sim:heal() end)
local got, near
c:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
b:serve(80, function(conn) near = sim:now(); conn:close() end)
a:spawn(function()
  local conn = assert(a:connect(c, 80))
  a:sleep "100ms"
  assert(a:connect(b, 80)):shutdown()        -- the same side is still reachable
  conn:send "across"
  conn:close()
end)
sim:run "1h"
assert(got == "across" and near < 0.2)
dw.expect(c):reaches("CLOSE-WAIT", { by = "10s" })
assert(sim.trace:count { from = a, to = c, has_data = true } >= 2)
