-- What the switches of timers and limits do: timer_grain, rto_slop, backoff_until, quick_acks, max_connections, urgent_pointer, pmtu_discovery.
local dw = require "drywire"
local function transfer(tcp, script)
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = tcp }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    script(conn, client, link, sim)
    conn:close()
  end)
  sim:run "30s"
  return sim, client, server
end
local function lose_one(conn, client, link)
  link:drop { from = client, has_data = true, nth = 1 }
  conn:send "x"; client:sleep "10s"
end
local function wait_of(tcp)
  local sim = transfer(tcp, lose_one)
  local sent = sim.trace:packets { from = "client", has_data = true }
  return sent[2].time - sent[1].time, sent[2].time
end
assert(wait_of {} == 1)
assert(wait_of { rto_slop = "200ms" } == 1.2)
local _, at = wait_of { timer_grain = "500ms" }
assert(at % 0.5 == 0)

-- Backed off until a sample, or until any ACK of new data.
for _, rule in ipairs { "sample", "ack" } do
  local rto
  transfer({ backoff_until = rule }, function(conn, client, link)
    lose_one(conn, client, link)
    rto = conn:info().rto_ns / 1e9
  end)
  assert(rto == (rule == "sample" and 2 or 1))
end

-- The first data segments are acknowledged at once.
for _, n in ipairs { 0, 4 } do
  local sim = transfer({ quick_acks = n }, function(conn, client) for _ = 1, 3 do conn:send "x"; client:sleep "1s" end end)
  assert((sim.trace:packets { from = "server", flags = "=ACK" }[1].cause == "ack-data") == (n > 0))
end

-- A stack with room for one connection; the second is refused at home, or waits outside.
local sim, client, server = dw.pair { delay = "20ms", tcp = { max_connections = 1 } }
local listener = server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  assert(not client:connect(server, 80))
  conn:close()
end)
sim:run "5s"

-- What the urgent pointer points at.
for _, rule in ipairs { "after", "last" } do
  local other, left = transfer({ urgent_pointer = rule }, function(conn) conn:send("abc", { urgent = true }) end)
  assert(other.trace:packets { from = "client", flags = "URG" }[1].urgent == (rule == "after" and 3 or 2))
end

-- Not believing ICMP about sizes.
local wide = dw.sim { tcp = { pmtu_discovery = false } }
local a, r, q, b = wide:host "a", wide:host "r", wide:host "q", wide:host "b"
wide:link(a, r, { delay = "1ms" }); wide:link(r, q, { delay = "1ms", mtu = 1000 }); wide:link(q, b, { delay = "1ms" })
b:serve(80, function(conn) conn:recv() end)
a:spawn(function() local conn = assert(a:connect(b, 80)); conn:send(("x"):rep(3000)) end)
wide:run "10s"
assert(b:conn():info().rcv_nxt == b:conn():info().irs + 1)
assert(wide.trace:drops()["too-big"] >= 3)
