-- D8: more gaps than the receiver keeps stretches: what does not fit is dropped for a reason, and all arrives in the end.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", tcp = { reassembly_limit = 2, initial_window = 20 } }
link:drop { from = client, has_data = true, nth = { 1, 3, 5, 7, 9 } }
local got
server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  conn:send(("x"):rep(14600)); conn:close()
end)
sim:run()
assert(#got == 14600)
dw.expect(server):cause "reassembly-full"
