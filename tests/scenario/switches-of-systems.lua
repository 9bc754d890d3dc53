-- What the habits of Linux and FreeBSD do: accept_to_buffer, old_segment_ack, ack_counts_small, late_rst_error, syn_r2_exact, icmp_prohibited, syn_fin, synsent_synfin, time_wait_rules, nagle_rule, send_whole_buffers, fast_open_gives_up, fast_open_listeners, fast_open_bare_client, fast_open_bare_server, fast_open_experiment, slow_start_limit, synack_echo_check, simultaneous_ack.
local dw = require "drywire"
local function pair(tcp) return dw.pair { delay = "20ms", isn = { 99, 299 }, checks = "off", tcp = tcp } end
local function inject(link, from, to, flags, seq, ack, at, data)
  link:inject { at = at, from = from, port = from:name() == "client" and 5000 or 80, to = to,
                to_port = to:name() == "client" and 5000 or 80, flags = flags, seq = seq, ack = ack, data = data, window = 8000 }
end
-- A connection from port 5000 of the client, whose ISN is 99 and the server's 299; what then happens to the server.
local function established(tcp, then_, until_)
  local sim, client, server, link = pair(tcp)
  local conn
  client:spawn(function() client:connect(server, 80, { local_port = 5000 }) end)
  server:spawn(function() conn = server:listen(80):accept(); then_(conn, sim, link, client, server) end)
  sim:run(until_ or "3s")
  return sim, server, conn
end

-- RST at the right edge of the buffer, beyond the window that was told.
for _, accepts in ipairs { true, false } do
  local _, server = established({ accept_to_buffer = accepts, window_scale = false, receive_buffer = 70000, rst_check = "rfc793" },
    function(_, _, link, client, at) inject(link, client, at, "RST", 100 + 69999, 300) end)
  assert(server:conn():state() == (accepts and "CLOSED" or "ESTABLISHED"))
end

-- The ACK of an old FIN counts, or not: CLOSING to TIME-WAIT.
for _, counts in ipairs { true, false } do
  local _, server = established({ old_segment_ack = counts }, function(conn, _, link, client, at)
    link:drop { from = at, flags = "FIN" }
    conn:shutdown()
    inject(link, client, at, "FIN,ACK", 100, 300, "100ms")
    inject(link, client, at, "FIN,ACK", 100, 301, "200ms")
  end, "300ms")
  assert(server:conn():state() == (counts and "TIME-WAIT" or "CLOSING"))
end

-- Two small segments: an immediate ACK, or a delayed one.
for _, small in ipairs { true, false } do
  local sim = established({ ack_counts_small = small, delayed_ack = "200ms" }, function(_, _, link, client, server)
    inject(link, client, server, "PSH,ACK", 100, 300, "100ms", "a")
    inject(link, client, server, "PSH,ACK", 101, 300, "101ms", "b")
  end)
  local first
  for _, p in ipairs(sim.trace:packets { from = "server", flags = "=ACK" }) do if p.ack == 102 then first = first or p.time end end
  assert((first < 0.15) == small, first)
end

-- A RST in LAST-ACK is told to the user, or not.
for _, told in ipairs { true, false } do
  local why
  established({ late_rst_error = told }, function(conn, _, link, client, server)
    link:drop { from = client, flags = "ACK", after = "50ms" }
    inject(link, client, server, "FIN,ACK", 100, 300, "100ms")
    server:sleep "100ms"
    conn:shutdown()
    link:drop { from = server, flags = "FIN" }
    inject(link, client, server, "RST", 101, 300, "300ms")
    server:sleep "400ms"
    why = select(2, conn:recv())
  end)
  assert((why == "reset") == told, tostring(why))
end

-- A SYN is given up exactly when its time is over, or with its next retransmission.
for _, exact in ipairs { true, false } do
  local sim, client, _, link = pair { syn_r2_exact = exact, syn_r2 = "5s" }
  link:drop { from = client }
  local gave_up
  client:spawn(function() client:connect("server", 80); gave_up = sim:now() end)
  sim:run "60s"
  assert((gave_up == 5) == exact, gave_up)
end

-- A firewall says no.
for _, rule in ipairs { "soft", "hard" } do
  local sim, client, server, link = pair { icmp_prohibited = rule }
  local why
  link:drop { from = client, flags = "SYN" }
  client:spawn(function() why = select(2, client:connect(server, 80, { local_port = 5000, timeout = "2s" })) end)
  link:inject { at = "100ms", from = server, to = client, protocol = "icmp", flags = "prohibited", port = 5000, to_port = 80, seq = 99 }
  sim:run "3s"
  assert(why == (rule == "hard" and "refused" or "timeout"), why)
end

-- A SYN with FIN in SYN-SENT is dropped, or its FIN left to come again.
for _, rule in ipairs { "open", "drop" } do
  for _, fin in ipairs { "keep", "discard" } do
    local sim, client, server, link = pair { synsent_synfin = rule, syn_fin = fin }
    link:drop { from = client }
    client:spawn(function() client:connect(server, 80, { local_port = 5000 }) end)
    inject(link, server, client, "SYN,FIN", 7, 0, "100ms")
    inject(link, server, client, "ACK", fin == "keep" and 9 or 8, 100, "200ms")
    sim:run "300ms"
    local state = rule == "drop" and "SYN-SENT" or fin == "keep" and "CLOSE-WAIT" or "ESTABLISHED"
    assert(client:conn():state() == state, rule .. fin .. client:conn():state())
  end
end

-- TIME-WAIT: what has no ACK is not answered, by BSD's rules.
for _, rules in ipairs { "rfc9293", "bsd" } do
  local sim, client, server, link = pair { time_wait_rules = rules }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })):close() end)
  inject(link, server, client, "FIN", 300, 0, "1s")
  inject(link, server, client, "ACK", 299, 101, "2s")
  sim:run "3s"
  local answers = { rfc9293 = 1, bsd = 0 }
  assert(#sim.trace:packets { from = client, after = "900ms", before = "1900ms" } == answers[rules], rules)
  assert(#sim.trace:packets { from = client, after = "1900ms" } == 1)
end

-- What holds a small segment back.
for rule, second in pairs { rfc9293 = false, minshall = true, bsd = true } do
  local sim, client, server = pair { nagle_rule = rule }
  server:serve(80, function(conn) conn:recv_all() end)
  client:spawn(function() client:connect(server, 80):send(("x"):rep(1500)) end)
  sim:run "70ms"
  assert(sim.trace:count { from = client, has_data = true } == (second and 2 or 1), rule)
end

-- The send queue is a chain of buffers of ten segments, half the largest window: while the first leaves in bursts of
-- two its place is filled, a second is begun as 20,000 octets are not in use yet, and a third is not.
for _, whole in ipairs { true, false } do
  local sim, client, server = pair { send_whole_buffers = whole, send_buffer = 20000, receive_buffer = 30000 }
  local unsent
  server:serve(80, function(conn) conn:recv_all() end)
  client:spawn(function() client:connect(server, 80):send(("x"):rep(100000)) end)
  client:on_state("ESTABLISHED", function() end)
  sim:run "50ms"
  unsent = client:conn():info().unacknowledged
  assert(unsent == (whole and 23 * 1460 or 20000), unsent)
end

-- How far one ACK of ten segments opens the window.
for limit, segments in pairs { [1] = 11, [2] = 12, [0] = 20 } do
  local sim, client, server = pair { slow_start_limit = limit, ack_every = 10, delayed_ack = "400ms", initial_window = 10 }
  server:serve(80, function(conn) conn:recv_all() end)
  client:spawn(function() client:connect(server, 80):send(("x"):rep(100000)) end)
  sim:run "90ms"
  assert(client:conn():info().cwnd == segments * 1460, client:conn():info().cwnd)
end

-- A SYN,ACK with an echo that was never sent: a RST, or a connection.
for _, checked in ipairs { true, false } do
  local sim, client, server, link = pair { synack_echo_check = checked, timestamps = true, syn_retry = "timer" }
  server:listen(80)
  client:spawn(function() client:connect(server, 80, { local_port = 5000 }) end)
  link:drop { from = server, flags = "SYN,ACK" }
  link:inject { at = "10ms", from = server, port = 80, to = client, to_port = 5000, flags = "SYN,ACK", seq = 299, ack = 100,
                window = 8000, options = "\1\1\8\10\0\0\0\7\0\1\0\0" }
  sim:run "100ms"
  assert(client:conn():state() == (checked and "SYN-SENT" or "ESTABLISHED"))
  assert((#sim.trace:packets { from = client, flags = "RST" } == 1) == checked)
end

-- Simultaneous open: the SYN,ACK that crosses is acknowledged, or not.
for _, acked in ipairs { true, false } do
  local sim, client, server = pair { simultaneous_ack = acked }
  client:spawn(function() client:connect(server, 5000, { local_port = 5000 }) end)
  server:spawn(function() server:connect(client, 5000, { local_port = 5000 }) end)
  sim:run "500ms"
  assert(client:conn():state() == "ESTABLISHED" and #sim.trace:packets { flags = "=ACK" } == (acked and 2 or 0))
end

-- Fast open without cookies; with every listener; by the option of the experiment; and given up.
local function twice(tcp, server_tcp)
  local sim = dw.sim { checks = "off" }
  local client, server = sim:host("client", { tcp = tcp }), sim:host("server", { tcp = server_tcp or tcp })
  sim:link(client, server, { delay = "20ms" })
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    for _ = 1, 2 do local conn = assert(client:connect(server, 80, { data = "early", fast_open = true })); conn:close() end
  end)
  sim:run()
  return sim.trace:packets { from = client, flags = "=SYN" }
end
assert(twice({ fast_open = true }, { fast_open_listeners = true })[2].len == 5)
local asked = twice({ fast_open = true, fast_open_experiment = true }, {})
assert(asked[1].options:find("\34\2", 1, true) and asked[2].options:find("\254\4\xf9\x89", 1, true))
asked = twice({ fast_open = true, fast_open_gives_up = true }, {})
assert(asked[1].options:find("\34\2", 1, true) and not asked[2].options:find("\34\2", 1, true))
