-- Packets in packetdrill's notation: matched by rules, queries and expectations, and injected.
local dw = require "drywire"
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 4294967290, 299 } }
local lost = link:drop { "P. 1:6(5)", nth = 1, from = client }
link:delay { "F. 1:1(0) ack 7", by = "5ms" }
local never = { link:drop "F. 1:1(0) ack 5", link:drop "P. 2:7(5)", link:drop ". 6:6(0)", link:drop "P. 1:6(5) win 1",
                link:drop "S 0:0(0) <mss 1000>", link:drop "5000 > 81 S 0:0(0)", link:drop "S. 1:1(0)" }
local asked = 0
link:drop { "P. 1:6(5) ack 1", when = function(p) asked = asked + 1; assert(p.data == "hello"); return false end }
server:serve(80, function(conn) assert(conn:recv_all() == "hello"); conn:close() end)
client:spawn(function() local conn = client:connect(server, 80, { local_port = 5000 }); conn:send "hello"; conn:close() end)

sim:run()
assert(lost.hits == 1 and asked == 1) -- what the first rule takes, the others do not see
for _, rule in ipairs(never) do assert(rule.hits == 0) end

dw.expect(sim):packets("S 0:0(0) win 65535 <mss 1460>", 1)
dw.expect(sim):packets("S. 0:0(0) ack 1 <...>", 1)
dw.expect(sim):packets("5000 > 80 P. 1:6(5) ack 1", 2)
dw.expect(sim):packets({ "F. 1:1(0) ack 7", from = server }, 1)
dw.expect(sim):packets({ ". 1:1(0) ack 1", to = server }, 1)
dw.expect(sim):never { "F. 1:1(0) ack 8" }
assert(sim.trace:packets("S. 0:0(0)")[1].src == "server")
assert(#sim.trace:packets("F. ...(0)") == 2 and #sim.trace:packets("S 4294967290:4294967290(0)!") == 1)

-- Injected: relative to what both sides sent.
local sim, client, server, link = dw.pair { delay = "20ms", isn = { 4294967290, 299 }, checks = "off" }
server:serve(80, function(conn) assert(conn:recv() == "xxx"); conn:recv() end)
client:spawn(function() client:connect(server, 80, { local_port = 5000 }) end)
sim:at("100ms", function()
  link:inject { "P. 1:4(3) ack 1 win 500 <nop,nop,nop,eol>", from = client, to = server, port = 5000, to_port = 80 }
  link:inject { "5000 > 80 R. 4:4(0) ack 1", from = client, to = server, at = "150ms" }
end)
sim:run "1s"
dw.expect(server):states "LISTEN -> SYN-RECEIVED -> ESTABLISHED -> CLOSED"
assert(#sim.trace:packets { "P. 1:4(3) ack 1 win 500 <nop,nop,nop,eol>" } == 1)

-- The same ports again: each packet is measured against its own connection.
local sim, client, server, link = dw.pair { delay = "20ms", tcp = { time_wait = "1ms" } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  for _ = 1, 2 do
    local conn = client:connect(server, 80, { local_port = 5000 })
    conn:close()
    client:sleep "10s"
  end
end)
sim:run()
dw.expect(sim):packets("F. 1:1(0) ack 1", 2)

local function fails(said, fn) local ok, why = pcall(fn); assert(not ok and tostring(why):find(said, 1, true), tostring(why)) end
fails('expected TCP flags', function() link:drop "X 0:0(0)" end)
fails("nothing was sent between these ports yet", function() link:inject { "R 1:1(0)", from = client, to = server, port = 9, to_port = 9 } end)
fails('"..." is for matching', function() link:inject { ". ...(0)", from = client, to = server, port = 9, to_port = 9 } end)
fails("say port and to_port", function() link:inject { "S 0:0(0)", from = client, to = server } end)
fails("data has 2 octets", function() link:inject { "S 0:3(3)", from = client, to = server, port = 1, to_port = 2, data = "ab" } end)
fails("only plain TCP segments", function() link:drop "udp (5)" end)
fails('needs a trace', function() local _, _, _, quiet = dw.pair { trace = "off" }; quiet:drop "S 0:0(0)" end)
