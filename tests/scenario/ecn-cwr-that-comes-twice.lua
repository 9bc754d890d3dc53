-- A segment that says CWR and is marked itself comes twice; the copy says nothing new, and the mark is echoed on (RFC 3168 6.1.3, 6.1.5), also where old segments are heeded for their ACK (old_segment_ack).
local dw = require "drywire"
local sim, client, server, link = dw.pair {
  delay = "20ms", tcp = { ecn = "ask", old_segment_ack = true, delayed_ack = "0s" },
}
link:rewrite { from = client, has_data = true, nth = { 1, 2 }, set = { tos = 3 } }
link:duplicate { from = client, has_data = true, nth = 2, by = "30ms" }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  for _ = 1, 4 do
    conn:send(("x"):rep(100))
    client:sleep "100ms"
  end
  conn:close()
end)
sim:run()
assert(sim.trace:packets({ from = client, has_data = true })[2]:has "CWR")
local answers = sim.trace:packets { from = server, flags = "ACK", after = "50ms", before = "250ms" }
assert(#answers == 3)
for _, p in ipairs(answers) do assert(p:has "ECE", "packet " .. p.n .. " does not echo the mark") end
