-- O24: The backlog is full: the SYN is dropped in silence, and the client tries again.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms" }
local listener = server:listen(80, { backlog = 2 })
for _ = 1, 3 do
  client:spawn(function() assert(client:connect("server", 80)):reset() end)
end
server:spawn(function()
  server:sleep "2s"
  for _ = 1, 3 do assert(listener:accept()):close() end
end)
sim:run()
local dropped = 0
for line in sim.trace:text():gmatch "[^\n]*backlog%-full[^\n]*" do dropped = dropped + 1 end
assert(dropped >= 1)
dw.expect(sim):never { from = server, flags = "RST" }
