-- What the switches of retransmission and probing do: the bounds of RTO, retries, probes, ACKs, buffers.
local dw = require "drywire"
local function down(tcp, seconds, both)
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, limit = "30h", tcp = tcp }
  server:serve(80, function(conn) conn:recv() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    if not both then link:down() end
    conn:send(both or "x"); conn:recv()
  end)
  sim:run(seconds)
  return sim, client, server
end
local function gaps(sim, match)
  local list, last = {}, nil
  for _, p in ipairs(sim.trace:packets(match)) do
    if last then list[#list + 1] = math.floor((p.time - last) * 1000 + 0.5) end
    last = p.time
  end
  return list
end
local data = { from = "client", has_data = true }

-- The bounds of the timeout: srtt 40 ms, rttvar 20 ms would give 120 ms.
assert(gaps(down({ rto_min = "1ms" }, 5), data)[1] == 120)
assert(gaps(down({ rto_min = "1ms", rto_var_floor = "300ms" }, 5), data)[1] == 340)
assert(gaps(down({ rto_min = "3s" }, 5), data)[1] == 3000)
local list = gaps(down({ rto_max = "2s" }, 30), data)
assert(list[1] == 1000 and list[2] == 2000 and list[5] == 2000)

-- Retries: of data, of a SYN, of a SYN,ACK.
assert(down({ data_retries = 3, r2 = "24h" }, "1h").trace:count(data) == 4)
local sim, client, server, link = dw.pair { delay = "20ms", tcp = { syn_retries = 2, synack_retries = 3 } }
server:listen(80)
link:inject { from = client, port = 9, to = server, to_port = 80, flags = "SYN", seq = 7 }
link:drop { to = client }
client:spawn(function() client:connect(server, 80) end)
sim:run()
dw.expect(sim):packets({ from = client, flags = "=SYN", port = 49152 }, 3)
dw.expect(sim):packets({ from = server, flags = "SYN,ACK", to_port = 9 }, 4)

-- R2 of a SYN by time; R1 is when the user hears of it; no segment is made smaller than mss_least.
sim, client, server, link = dw.pair { delay = "20ms", tcp = { syn_r2 = "10s" } }
link:down()
local why
client:spawn(function() why = select(2, client:connect(server, 80)) end)
sim:run()
assert(why == "timeout" and sim:now() >= 10 and sim:now() <= 16)
for _, r1 in ipairs { 1, 4 } do
  sim = down({ r1 = r1 }, "60s")
  assert(sim.trace:text():match "([%d.]+)  client      note             retransmissions" + 0 > 2 ^ (r1 - 1))
end
sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = { mss_least = 100 }, checks = "off" }
server:serve(80, function(conn) conn:send(("x"):rep(1000)) end)
link:inject { from = client, port = 9, to = server, to_port = 80, flags = "SYN", seq = 7, options = dw.tcp_option { mss = 40 } }
link:drop { from = client, flags = "RST" }
sim:run "30ms"
link:inject { from = client, port = 9, to = server, to_port = 80, flags = "ACK", seq = 8, ack = 300 }
sim:run "1s"
assert(sim.trace:packets { from = server, has_data = true }[1].len == 100)

-- A retransmitted SYN, and the timeout that data begins with.
sim, client, server, link = dw.pair { delay = "20ms", tcp = { rto_after_syn_timeout = "7s" } }
link:drop { from = client, flags = "SYN", nth = 1 }
server:listen(80)
client:spawn(function() assert(assert(client:connect(server, 80)):info().rto_ns == 7000000000) end)
sim:run "5s"

-- Probes of a closed window: first interval, longest interval, form.
local function probes(tcp)
  tcp.receive_buffer = 1000
  return down(tcp, "60s", ("x"):rep(3000))
end
local probe = { from = "client", when = function(p) return p.cause == "zero-window-probe" end }
list = gaps(probes { persist_min = "2s", persist_max = "5s" }, probe)
assert(list[1] == 4000 and list[2] == 5000 and list[3] == 5000)
assert(probes({ zero_window_probe = "octet" }).trace:packets(probe)[1].len == 1)
local empty = probes({ zero_window_probe = "empty" }).trace:packets(probe)[1]
assert(empty.len == 0 and empty.seq == 2099)

-- A small segment for a window that does not open further.
for _, wait in ipairs { "100ms", "1s" } do
  sim, client, server = dw.pair { delay = "20ms", tcp = { sws_override = wait } }
  server:serve(80, function(conn) conn:recv_all() end)
  client:spawn(function() assert(client:connect(server, 80)):send("x", { push = false }) end)
  sim:run "5s"
  assert(math.abs(sim.trace:packets(data)[1].time - 0.04 - (wait == "1s" and 1 or 0.1)) < 1e-6)
end

-- ACKs: for how many segments, and after how many duplicates a segment is sent again.
local function acks(tcp)
  local s, c, v, l = dw.pair { delay = "20ms", rate = "10Mbps", tcp = tcp }
  l:drop { from = c, has_data = true, nth = 5 }
  v:serve(80, function(conn) conn:recv_all(); conn:close() end)
  c:spawn(function() local conn = assert(c:connect(v, 80)); conn:send(("x"):rep(20 * 1460)); conn:close() end)
  s:run "10s"
  return s
end
local many = acks({ ack_every = 1, initial_window = 10 }).trace:count { from = "server", flags = "=ACK" }
assert(many > acks({ ack_every = 4, initial_window = 10 }).trace:count { from = "server", flags = "=ACK" })
dw.expect(acks { duplicate_ack_threshold = 2, initial_window = 10 }):cause("fast-retransmit", 1)
dw.expect(acks { duplicate_ack_threshold = 50, initial_window = 10 }):cause("retransmission-timeout")

-- The send buffer, FIN, and the one congestion control there is.
sim, client, server = dw.pair { delay = "20ms", tcp = { send_buffer = 5000, retransmit_fin = true, congestion_control = "reno" } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  client:spawn(function() assert(conn:info().unsent + conn:info().flight == 5000) end)
  conn:send(("x"):rep(20000)); conn:close()
end)
sim:run "5s"
