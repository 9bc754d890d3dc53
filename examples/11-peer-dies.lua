-- The cable is pulled while data is on its way: retransmit, back off, and in the end give up.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms" }

server:serve(80, function(conn) conn:recv_all() end)
local sent, why
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  link:down()
  conn:send "is anybody there?"
  sent, why = conn:recv()
end)
sim:run "10min"

assert(sent == nil and why == "timeout")
local tries = sim.trace:packets { from = client, has_data = true }
for i = 3, #tries - 1 do         -- each wait is twice the one before, up to a minute
  local wait, before = tries[i].time - tries[i - 1].time, tries[i - 1].time - tries[i - 2].time
  assert(wait == 60 or math.abs(wait - 2 * before) < 1e-9)
end
dw.expect(client):states "CLOSED -> SYN-SENT -> ESTABLISHED -> CLOSED"
print(sim.trace:ladder())
print("trace " .. sim.trace:hash())
