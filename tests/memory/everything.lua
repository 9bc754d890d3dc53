-- Whatever a script can do, once: for the test that lets each allocation fail.
local dw = require "drywire"
local cc = dw.congestion_control {
  name = "ours",
  base = "cubic",
  on_ack = function(c, ack) c.cwnd = c.cwnd + ack.acked end,
  on_state = function(c) c.seen = c.state end,
}
local sim = dw.sim { seed = 3, profile = "linux", name = "everything", detail = true }
local a, b = sim:host("a", { tcp = { congestion_control = cc } }), sim:host "b"
local link = sim:link(a, b, { rate = "5Mbps", delay = "5ms", loss = "1%", jitter = "1ms" })
link:drop { from = a, nth = 6 }
link:duplicate { flags = "SYN,ACK" }
link:delay { has_data = true, nth = 4, by = "20ms" }
link:intercept(function(p) return p.len > 0 and p.n % 11 == 0 and "drop" or "pass" end)
a:on_state("ESTABLISHED", function() sim:after("1ms", function() end) end)
sim:invariant("time goes on", function() return sim:now() >= 0 end)
b:serve(80, function(conn)
  conn:send(("%d octets"):format(#conn:recv_all()))
  conn:close()
end)
a:spawn(function()
  local conn = assert(a:connect(b, 80, { data = "early", fast_open = true }))
  conn:on_report(function() end)
  conn:send(("x"):rep(30000))
  conn:shutdown()
  print(conn:recv(100))
  conn:close()
end)
sim:run()
print(#sim.trace:packets { from = a, when = function(p) return p.len > 0 end })
print(#sim.trace:ladder { style = "ascii" }, #sim.trace:svg(), #sim.trace:text())
print(#sim.trace:series(a, "cwnd"), sim:random("draws"):integer(1, 6))
dw.expect(a):reaches "ESTABLISHED"
dw.expect(sim):never { flags = "URG" }
local names = {}
for name in pairs(dw.options "tcp") do names[#names + 1] = name end
print(#names, #dw.plot { { label = "x", points = { { 0, 1 }, { 1, 2 } } } })
