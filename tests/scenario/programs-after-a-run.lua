-- What a script does after a run goes on from where the clock stands, though timers that were cancelled lay behind it.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms" }
server:serve(80, function(conn) conn:recv(); server:sleep(math.huge) end)
for round = 1, 3 do
  client:spawn(function() assert(client:connect("server", 80)):send "x" end)
  sim:run()
  assert(sim:now() < round)
end
dw.expect(sim):packets({ from = client, has_data = true }, 3)
