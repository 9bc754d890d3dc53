-- A FIN that comes again in TIME-WAIT is acknowledged with the timestamp that was agreed on (RFC 7323 3.2: all segments but RST), also when the user has let go of the connection.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", tcp = { timestamps = true, msl = "10s" } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:close()
end)
client:on_state("TIME-WAIT", function() link:drop { from = client, count = 2 } end)
sim:run()
local answers = sim.trace:packets { from = client, flags = "=ACK" }
assert(#answers >= 4)
for _, p in ipairs(answers) do assert(dw.tcp_options(p.options).tsval, "packet " .. p.n .. " has no timestamp") end
dw.expect(server):reaches "CLOSED"
