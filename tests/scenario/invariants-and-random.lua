-- Invariants are checked after each event; a script's own random stream moves no loss.
local dw = require "drywire"
local function lost(draws)
  local sim, client, server = dw.pair { delay = "5ms", loss = "10%", seed = 11 }
  for _ = 1, draws do sim:random("mine"):integer(1, 6); math.random() end
  local checks = 0
  sim:invariant("the clock does not run backwards", function() checks = checks + 1; return sim:now() >= 0 end)
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect("server", 80))
    conn:send(("x"):rep(50000))
    conn:close()
  end)
  sim:run()
  assert(checks > 20)
  local hash = sim.trace:hash()
  sim:close()
  return hash
end
assert(lost(0) == lost(100))
