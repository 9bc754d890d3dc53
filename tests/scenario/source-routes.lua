-- A source route: given by an active OPEN, returned by a passive one, the later overrides (RFC 9293 3.9.2.1).
local dw = require "drywire"
dw.covers("MUST-51", "MUST-52", "MUST-53", "SHLD-24")
local sim = dw.sim { checks = "off" }
local a, b = sim:host("a", { isn = 99 }), sim:host("b", { isn = 299 })
local near, far = sim:host "near", sim:host "far"
local short = sim:link(a, near, { delay = "1ms" }); sim:link(near, b, { delay = "1ms" })        -- the shortest way
local long = sim:link(a, far, { delay = "5ms" }); local to_b = sim:link(far, b, { delay = "5ms" })
local got
b:serve(80, function(conn) conn:recv(); b:sleep "3s"; got = conn:recv_all(); conn:close() end)
a:spawn(function()
  local conn = assert(a:connect(b, 80, { local_port = 5000, route = { far } }))
  conn:send "the long way, "; a:sleep "2s"
  conn:send "and on it"; conn:close()
end)
sim:run "500ms"
-- Both directions go by `far`, though `near` is shorter.
assert(long:stats().to_far.sent >= 3 and long:stats().to_a.sent >= 2)
assert(short:stats().to_near.sent == 0 and short:stats().to_a.sent == 0)

-- A segment that came by `near` turns what b answers that way (SHLD-24), but not what a sends (MUST-52).
local by_near = "\131\7\8" .. string.char(10, 0, 0, 3)
to_b:inject { from = a, to = b, port = 5000, to_port = 80, flags = "ACK", seq = 114, ack = 300, ip_options = by_near, data = "and " }
long:inject { from = b, to = a, port = 80, to_port = 5000, flags = "ACK", seq = 300, ack = 114, ip_options = by_near }
local before = long:stats().to_far.sent
sim:run "30s"
assert(got == "and on it")
assert(short:stats().to_a.sent >= 1 and short:stats().to_near.sent == 0)
assert(long:stats().to_far.sent > before)
