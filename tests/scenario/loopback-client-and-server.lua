-- A host reaches itself by its name, its address, localhost and any of 127.0.0.0/8, without a link (RFC 1122 3.2.1.3); ladders show both ends.
local dw = require "drywire"

local function world(target)
  local sim = dw.sim {}
  local a = sim:host("a", { isn = { 100, 300 } })
  local heard
  a:serve(80, function(conn)
    heard = conn:recv_all()
    conn:send "answer"; conn:close()
  end)
  a:spawn(function()
    local conn = assert(a:connect(target, 80))
    conn:send(("x"):rep(200000)); conn:shutdown()
    assert(conn:recv_all() == "answer")
    conn:close()
  end)
  sim:run()
  local syn = sim.trace:packets({ flags = "SYN" })[1]
  assert(#heard == 200000 and syn.src == "a" and syn.dst == "a")
  dw.expect(a:conn(1)):states("CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED")
  dw.expect(a:conn(2)):states("LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED")
  assert(dw.tcp_options(syn.options).mss == 65495, "MTU 65536, as far as IPv4 can use it")
  dw.expect(sim):never { flags = "RST" }
  return sim, a
end

for _, target in ipairs { "a", "10.0.0.1", "127.9.8.7" } do world(target) end

-- Each end has its own side, on the left who opened.
local sim, a = world "localhost"
local ladder = sim.trace:ladder { to = 3, style = "ascii" }
for _, line in ipairs {
  "a:49152 +a:80",
  "CLOSED | +| LISTEN",
  "SYN%-SENT |%-%- #1 SYN seq=0",
  "| +'%-+>| SYN%-RECEIVED",
  "| +%.%-+ #2 SYN,ACK seq=0 ack=1 %-%-| SYN%-RECEIVED",
  "ESTABLISHED |<%-",
} do
  assert(ladder:find(line), line .. "\n" .. ladder)
end
assert(sim.trace:ladder { left = "a", right = "a" } == sim.trace:ladder())
assert(sim.trace:svg():find "a:49152" and sim.trace:ladder({ style = "mermaid" }):find "participant B as a#58;80")

-- The rules of links hold for this one as well.
local sim = dw.sim {}
local a = sim:host "a"
a:loopback():set { delay = "5ms", mtu = 1500 }
a:drop { flags = "SYN,ACK", nth = 1 }
a:serve(80, function(conn) conn:close() end)
a:spawn(function() assert(a:connect("localhost", 80)):close() end)
sim:run()
dw.expect(a):cause("fault-drop", 1)
assert(sim.trace:packets({ flags = "SYN", nth = 1 })[1].options:sub(1, 4) == "\2\4\5\xb4")

-- A port that nobody listens on refuses; with IPv6 all is the same.
local sim = dw.sim {}
local a = sim:host("a", { addr = "2001:db8::1" })
a:serve(80, function(conn) conn:close() end)
a:spawn(function()
  for _, target in ipairs { "::1", "2001:db8::1" } do assert(a:connect(target, 80)):close() end
  local conn, why = a:connect("::1", 81)
  assert(not conn and why == "refused")
end)
sim:run()
