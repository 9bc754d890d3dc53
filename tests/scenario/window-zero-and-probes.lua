-- W2, W3: The reader stops: the window closes, probes keep the connection alive, and it opens again.
local dw = require "drywire"
dw.covers("MUST-36", "SHLD-29", "SHLD-30")
local sim, client, server = dw.pair { delay = "20ms", buffer = 4000 }
local got = 0
server:serve(80, function(conn)
  server:sleep "100s"
  got = #conn:recv_all()
  conn:close()
end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send(("x"):rep(20000))
  conn:close()
end)
sim:run()
assert(got == 20000)
local probes, last, wait = 0, nil, nil
for _, p in ipairs(sim.trace:packets { from = client }) do
  if p.cause == "zero-window-probe" then
    probes = probes + 1
    assert(p.len == 1)
    if wait then assert(p.time - last >= wait) end   -- intervals do not shrink (SHLD-30)
    wait, last = last and p.time - last, p.time
  end
end
assert(probes >= 5)
-- The window opens: the octet goes again in a whole segment, and no retransmission timer is to blame (RFC 1122 4.2.2.15).
local again = sim.trace:packets { from = client, when = function(p) return p.cause == "resend-window-opened" end }
assert(#again == 1 and again[1].len == 1460)
for _, p in ipairs(sim.trace:packets { from = client }) do assert(p.cause ~= "resend-after-timeout") end
