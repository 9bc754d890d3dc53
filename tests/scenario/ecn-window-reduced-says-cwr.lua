-- A window that is reduced for any reason, a timeout or a fast retransmit, is told by CWR, once, with the first new data (RFC 3168 6.1.2).
local dw = require "drywire"
for _, recovery in ipairs { "newreno", "reno", "tahoe", "sack", "rack" } do
  for cause, lost in pairs { ["a timeout"] = { 1, 2, 3, 4 }, ["a fast retransmit"] = { 9 } } do
    local selective = recovery == "sack" or recovery == "rack"
    local sim, client, server, link = dw.pair { delay = "20ms",
      tcp = { ecn = "ask", sack = selective, recovery = recovery, mss = 1000 } }
    link:drop { from = client, has_data = true, nth = lost }
    server:serve(80, function(conn) conn:recv_all(); conn:close() end)
    client:spawn(function()
      local conn = assert(client:connect(server, 80))
      conn:send(("x"):rep(60000))
      conn:close()
    end)
    sim:run()
    local told = sim.trace:count { from = client, has_data = true, flags = "CWR" }
    assert(told == 1, ("%s, %s: CWR came %d times"):format(recovery, cause, told))
  end
end
