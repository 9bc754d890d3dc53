-- Packets from outside that bear a loopback address, or the host's own as their source, are martians and change nothing: no host answers itself (RFC 1122 3.2.1.3, "land").
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms" }
server:listen(80)
link:inject { from = client, to = server, at = "1s", src = "10.0.0.2", port = 80, to_port = 80, flags = "SYN", seq = 1 }
link:inject { from = client, to = server, at = "2s", src = "127.0.0.1", port = 5000, to_port = 80, flags = "SYN", seq = 1 }
link:inject { from = client, to = server, at = "3s", dst = "127.0.0.1", port = 5000, to_port = 80, flags = "SYN", seq = 1 }
sim:run()
dw.expect(server):cause("ip-martian", 3)
dw.expect(sim):packets({ from = server, flags = "ACK" }, 0)

local sim = dw.sim {}
local a, b = sim:host("a", { addr = "2001:db8::1" }), sim:host("b", { addr = "2001:db8::2" })
local link = sim:link(a, b)
b:listen(80)
link:inject { from = a, to = b, at = "1s", src = "::1", port = 80, to_port = 80, flags = "SYN", seq = 1 }
link:inject { from = a, to = b, at = "2s", dst = "::1", port = 80, to_port = 80, flags = "SYN", seq = 1 }
link:inject { from = a, to = b, at = "3s", src = "2001:db8::2", port = 80, to_port = 80, flags = "SYN", seq = 1 }
sim:run()
dw.expect(b):cause("ip6-martian", 3)

-- 127.0.0.1 of one host is not that of another: an equal pair of ports is no clash.
local sim, a, b = dw.pair {}
for _, host in ipairs { a, b } do
  host:serve(80, function(conn) conn:send(host:name()); conn:close() end)
  host:spawn(function()
    local conn = assert(host:connect("localhost", 80, { local_port = 5000 }))
    assert(conn:recv_all() == host:name())
    conn:close()
  end)
end
sim:run()
assert(sim.trace:ladder { left = b, right = b }:find "server:80")
