-- A probe of a closed window is neither marked as ECN-capable nor says CWR (RFC 3168 6.1.6).
local dw = require "drywire"
for _, profile in ipairs { "rfc9293", "linux", "freebsd", "embedded" } do
  local sim, client, server = dw.pair { delay = "20ms", profile = profile, buffer = 4000, tcp = { ecn = "ask" } }
  server:serve(80, function(conn) server:sleep "10s"; conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(20000))
    conn:close()
  end)
  sim:run()
  local probes = sim.trace:packets { from = client, has_data = true, len = 1, before = "10s" }
  for _, p in ipairs(probes) do
    assert(p.tos % 4 == 0, ("%s: probe #%d is marked"):format(profile, p.n))
    assert(not p:has "CWR", ("%s: probe #%d says CWR"):format(profile, p.n))
  end
end
