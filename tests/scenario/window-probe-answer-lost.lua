-- MUST-37: one lost answer to a window probe is no reason to give up, though R2 is over by the time of the next; a peer that is gone is given up all the same.
local dw = require "drywire"
local function stall(fault)
  local sim, client, server, link = dw.pair { delay = "20ms", buffer = 2000 }
  local got
  server:serve(80, function(conn) server:sleep "15min"; got = conn:recv_all(); conn:close() end)
  local why
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    why = select(2, conn:send(("x"):rep(5000)))
    conn:close()
  end)
  fault(sim, link, client, server)
  sim:run "1h"
  return got, sim
end
local got = stall(function(sim, link, _, server)
  sim:at("5min", function() link:drop { from = server, nth = 1 } end)
end)
assert(got == ("x"):rep(5000))
local _, sim = stall(function(s, link) s:at("5min", function() link:down() end) end)
dw.expect(sim):cause "r2-exceeded"
