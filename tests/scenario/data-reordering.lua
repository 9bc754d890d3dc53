-- Segments arrive out of order: they are kept and delivered in order, each once.
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", rate = "10Mbps", reorder = "20%", seed = 3 }
local sent = {}
for i = 1, 5000 do sent[i] = ("%05d"):format(i) end
sent = table.concat(sent)
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send(sent)
  conn:close()
end)
sim:run()
assert(got == sent)
