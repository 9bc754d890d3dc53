-- What the switches of opening do: listen_synack, listen_synfin, syn_data, syn_ack_data, simultaneous_rst, syn_linear_timeouts, syn_plain_after.
local dw = require "drywire"
local function run(tcp, script, until_)
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, checks = "off", tcp = tcp }
  local result = script(sim, client, server, link)
  sim:run(until_ or "5s")
  return result and result(), sim, client, server
end
local function inject(link, from, to, flags, seq, ack, data, at)
  link:inject { at = at, from = from, port = from:name() == "client" and 5000 or 80, to = to,
                to_port = to:name() == "client" and 5000 or 80, flags = flags, seq = seq, ack = ack, data = data }
end

-- A SYN,ACK for a listener: RST, or silence.
for _, rule in ipairs { "rst", "drop" } do
  local _, sim = run({ listen_synack = rule }, function(_, client, server, link)
    server:listen(80)
    inject(link, client, server, "SYN,ACK", 7, 8)
  end)
  dw.expect(sim):packets({ from = "server", flags = "RST" }, rule == "rst" and 1 or 0)
end

-- A SYN with FIN opens, or is dropped.
for _, rule in ipairs { "open", "drop" } do
  local _, sim = run({ listen_synfin = rule }, function(_, client, server, link)
    server:listen(80)
    link:drop { from = client, flags = "RST" }
    inject(link, client, server, "SYN,FIN", 7, 0)
  end, "500ms")
  dw.expect(sim):packets({ from = "server", flags = "SYN,ACK" }, rule == "open" and 1 or 0)
end

-- Data on a SYN, or on a SYN,ACK, is kept or left to be sent again.
for _, rule in ipairs { "keep", "discard" } do
  local got = run({ syn_data = rule }, function(_, client, server, link)
    local text
    server:serve(80, function(conn) text = conn:recv() end)
    link:drop { from = client, flags = "RST" }
    inject(link, client, server, "SYN", 7, 0, "early")
    inject(link, client, server, "ACK", rule == "keep" and 13 or 8, 300, nil, "100ms")
    return function() return text end
  end, "1s")
  assert(got == (rule == "keep" and "early" or nil))
  local unread = run({ syn_ack_data = rule }, function(_, client, server, link)
    client:spawn(function() client:connect(server, 80, { local_port = 5000 }) end)
    inject(link, server, client, "SYN,ACK", 7, 100, "early", "10ms")
    return function() return client:conn():info().unread end
  end, "35ms")
  assert(unread == (rule == "keep" and 5 or 0))
end

-- A RST in SYN-RECEIVED after an active open.
for rule, word in pairs { refused = "refused", reset = "reset" } do
  local why = run({ simultaneous_rst = rule }, function(_, client, server, link)
    local reason
    client:spawn(function() reason = select(2, client:connect(server, 80, { local_port = 5000 })) end)
    link:drop { from = client }
    inject(link, server, client, "SYN", 7, 0, nil, "100ms")
    inject(link, server, client, "RST", 8, 0, nil, "200ms")
    return function() return reason end
  end)
  assert(why == word)
end

-- SYNs: linear at first, and plain in the end.
local _, sim = run({ syn_linear_timeouts = 3, syn_plain_after = 2, timestamps = true }, function(_, client, server, link)
  link:down()
  client:spawn(function() client:connect(server, 80, { timeout = "20s" }) end)
end, "30s")
local syns = sim.trace:packets { from = "client" }
for i = 2, 5 do assert(math.abs(syns[i].time - syns[i - 1].time - (i == 6 and 2 or 1)) < 1e-6) end
assert(syns[6].time - syns[5].time > 1.9)
assert(dw.tcp_options(syns[1].options).tsval and dw.tcp_options(syns[2].options).tsval)
assert(not dw.tcp_options(syns[3].options).tsval and dw.tcp_options(syns[3].options).mss)
