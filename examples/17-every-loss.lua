-- A handshake, five octets and a close survive every loss of up to three packets.
--
--     drywire run examples/17-every-loss.lua
--
-- Not a seed that happens to lose something, but all 194 ways to lose at most three of the packets that there are,
-- those included that are sent because others were lost.  "drywire explore" does the same with a whole script.

local dw = require "drywire"

local function life()
  local sim, client, server = dw.pair { delay = "20ms" }
  local got
  server:serve(80, function(conn)
    got = conn:recv_all()
    conn:close()
  end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send "hello"
    conn:close()
  end)
  sim:run()
  assert(got == "hello", "the server got " .. tostring(got))
  return sim
end

local found = dw.explore({ drop = 3 }, life)
print(("%d plans of at most 3 losses, all fine"):format(found.schedules))
assert(found.complete and found.schedules == 194)

-- Once more with one of them, for the ladder: the SYN and the last ACK are lost.
dw.faults "1d,9d"
local sim = life()
print(sim.trace:ladder())
print("trace " .. sim.trace:hash())
