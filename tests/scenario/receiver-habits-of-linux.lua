-- What a receiver of Linux's habits does with segments that others treat otherwise: sequence_check, ts_recent_acked, keep_send_window, challenge_all, fin_clears_sack, receive_memory, comp_sack_nr, comp_sack_delay, comp_sack_rtt_percent, pingpong_thresh, quick_ack, receive_lowat.
local dw = require "drywire"

-- A connection from port 5000 of the client, whose ISN is 99, to the server, whose ISN is 299; `script` has the server's end
-- and puts segments on the link.  What the server sent after the handshake, and its connection.
local function serve(tcp, script, set)
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, checks = "off", tcp = tcp }
  local conn, began
  local function inject(at, flags, seq, ack, data, more)
    local packet = { at = at, from = client, port = 5000, to = server, to_port = 80, flags = flags, seq = seq, ack = ack, data = data, window = 8000 }
    for name, value in pairs(more or {}) do packet[name] = value end
    link:inject(packet)
  end
  client:spawn(function() client:connect(server, 80, { local_port = 5000 }) end)
  server:spawn(function()
    conn = server:listen(80):accept()
    if set then conn:set(set) end
    link:drop { from = client }   -- the client's TCP knows nothing of what is injected
    link:drop { from = server }
    began = sim:now()
    script(inject, conn, server, sim)
  end)
  sim:run "3s"
  local out = {}
  for _, p in ipairs(sim.trace:packets { from = server }) do if p.time >= began and not p.flags:find "S" then out[#out + 1] = p end end
  return out, conn, sim
end
local function both(name, values, test) for _, value in ipairs(values) do test(value, { [name] = value }) end end
local function sack_of(p) return p.options and dw.tcp_options(p.options).sack end

-- The segment's end lies beyond the window: the part within it is taken, or all, as nothing waits to be read.
both("sequence_check", { "rfc9293", "linux" }, function(rule, tcp)
  tcp.window_scale, tcp.receive_buffer = false, 1000
  local _, conn = serve(tcp, function(inject) inject("100ms", "ACK", 100, 300, ("x"):rep(1400)) end)
  assert(conn:info().unread == (rule == "linux" and 1400 or 1000), rule)
end)

-- TSval of a segment whose ACK is of nothing that was sent.
both("ts_recent_acked", { false, true }, function(careful, tcp)
  tcp.timestamps = true
  local _, conn = serve(tcp, function(inject)
    inject("100ms", "PSH,ACK", 100, 900, "x", { options = dw.tcp_option { tsval = 70000, tsecr = 1 } })
  end)
  assert((conn:info().ts_recent == 70000) == not careful, conn:info().ts_recent)
end)

-- The same numbers with a smaller window, then with none.
both("keep_send_window", { false, true }, function(keeps, tcp)
  local first
  local _, conn = serve(tcp, function(inject, conn, server)
    inject("100ms", "ACK", 100, 300, nil, { window = 3000 })
    server:sleep "200ms"
    first = conn:info().snd_wnd
    inject("300ms", "ACK", 100, 300, nil, { window = 0 })
  end)
  assert((first == 3000) == not keeps, first)
  assert(conn:info().snd_wnd == 0)
end)

-- Data with an ACK of what was not sent, twice in a short time.
both("challenge_all", { false, true }, function(all, tcp)
  tcp.challenge_limit, tcp.challenge_period = 1, "500ms"
  local out = serve(tcp, function(inject)
    inject("100ms", "PSH,ACK", 100, 900, "x")
    inject("200ms", "PSH,ACK", 100, 900, "x")
    inject("900ms", "PSH,ACK", 100, 900, "x")
  end)
  assert(#out == (all and 2 or 3), #out)
end)

-- A segment whose front came before brings the FIN: the copy is told of, or not.
both("fin_clears_sack", { false, true }, function(clears, tcp)
  tcp.sack = true
  local out = serve(tcp, function(inject)
    inject("100ms", "PSH,ACK", 100, 300, "abc")
    inject("200ms", "FIN,PSH,ACK", 100, 300, "abcdef")
  end)
  local last = out[#out]
  assert(last.ack == 107 and (sack_of(last) == nil) == clears)
end)

-- Twice receive_buffer is the memory; of what full segments fill it with, more than half is data, and the window grows to that.
both("receive_memory", { false, true }, function(counts, tcp)
  tcp.window_step, tcp.receive_buffer, tcp.window_scale, tcp.delayed_ack_rule = "free", 80000, true, "adapts"
  local _, conn = serve(tcp, function(inject, conn)
    for i = 0, 4 do inject(100 + 10 * i .. "ms", "ACK", 100 + 1400 * i, 300, ("x"):rep(1400)) end
    for _ = 0, 4 do conn:recv(1400) end
  end)
  assert((conn:info().rcv_wnd > 80000) == counts, conn:info().rcv_wnd)
end)

-- Seven segments out of order within a moment: an ACK each, or three, and one for the rest, after a part of the round trip.
local function hole(tcp)
  tcp.sack = true
  tcp.delayed_ack_rule, tcp.receive_autotune = "adapts", true
  local out = serve(tcp, function(inject, conn, server)
    inject("100ms", "PSH,ACK", 100, 300, "question", nil)
    server:sleep "70ms"
    conn:send "answer"           -- interactive: no quick ACKs
    for i = 0, 6 do inject(200 + i .. "ms", "PSH,ACK", 200 + 10 * i, 306, ("x"):rep(10)) end
  end)
  local acks = {}
  for _, p in ipairs(out) do if sack_of(p) then acks[#acks + 1] = p.time end end
  return acks
end
assert(#hole { comp_sack_nr = 0 } == 7)
local acks = hole { comp_sack_nr = 44, comp_sack_delay = "30ms", comp_sack_rtt_percent = 100 }
assert(#acks == 4 and acks[4] - acks[3] > 0.02, #acks)
assert(#hole { comp_sack_nr = 44, comp_sack_delay = "30ms", comp_sack_rtt_percent = 1 } > 4)
assert(#hole { comp_sack_nr = 44, comp_sack_delay = "0s", comp_sack_rtt_percent = 100 } == 7)
assert(#hole { comp_sack_nr = 1, comp_sack_delay = "30ms", comp_sack_rtt_percent = 100 } > 4)

-- After how many answers the next question waits for its answer.
both("pingpong_thresh", { 1, 3 }, function(n, tcp)
  tcp.delayed_ack_rule, tcp.receive_autotune = "adapts", true
  local out = serve(tcp, function(inject, conn, server)
    inject("100ms", "PSH,ACK", 100, 300, "question")
    server:sleep "70ms"
    conn:send "answer"
    inject("200ms", "PSH,ACK", 108, 306, "question")
  end)
  local acked
  for _, p in ipairs(out) do if p.ack == 116 then acked = acked or p.time end end
  assert((acked > 0.25) == (n == 1), acked)
end)

-- TCP_QUICKACK: the first data of a connection waits after all.
both("quick_ack", { true, false }, function(quick)
  local out, conn = serve({ delayed_ack_rule = "adapts" }, function(inject) inject("100ms", "PSH,ACK", 100, 300, "x") end, { quick_ack = quick })
  assert((out[1].time < 0.13) == quick, out[1].time)
  assert(conn:info().quick_ack, "waiting in vain ends it")
end)

-- SO_RCVLOWAT: the reader is not woken for less.
both("receive_lowat", { 1, 100 }, function(least)
  local got
  serve({}, function(inject, conn)
    inject("100ms", "PSH,ACK", 100, 300, ("x"):rep(50))
    inject("200ms", "PSH,ACK", 150, 300, ("x"):rep(60))
    got = #conn:recv(1000)
  end, { receive_lowat = least })
  assert(got == (least == 1 and 50 or 110), got)
end)
