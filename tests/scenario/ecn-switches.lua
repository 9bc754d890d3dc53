-- What the switches of ECN do, each way: ecn_answer_retries, ecn_kept_unsaid, ecn_refuses_marked_syn, ecn_cwr_on_acks, ecn_by_congestion, and with accurate ECN ecn_counts_established, ecn_after_close, ecn_acks_of_acks, ecn_heeds_unsure.
local dw = require "drywire"
local function bits(p) return (p:has "ECE" and "E" or "") .. (p:has "CWR" and "W" or "") end
local function capable(p) return p.tos % 4 == 2 end
local function pair(client_tcp, server_tcp)
  local sim = dw.sim {}
  local client, server = sim:host("client", { tcp = client_tcp }), sim:host("server", { tcp = server_tcp or client_tcp })
  return sim, client, server, sim:link(client, server, { delay = "20ms", rate = "100Mbps" })
end
local function exchange(sim, client, server, said)
  local info
  server:serve(80, function(conn) conn:recv_all(); info = conn:info(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80, { local_port = 5000 }))
    for _ = 1, said or 1 do conn:send "hello"; client:sleep "100ms" end
    conn:close()
  end)
  sim:run()
  return info
end

-- SYN,ACKs are lost: how many say ECN, and is it spoken when the last did not?
for retries, said in pairs { [0] = { "E", "", "" }, [1] = { "E", "E", "" }, [100] = { "E", "E", "E" } } do
  for _, kept in ipairs { true, false } do
    local sim, client, server, link = pair({ ecn = "ask", rto_initial = "30s" }, { ecn = "answer", ecn_answer_retries = retries, ecn_kept_unsaid = kept })
    link:drop { from = server, flags = "SYN,ACK", nth = { 1, 2 } }
    local info = exchange(sim, client, server)
    for i, p in ipairs(sim.trace:packets { from = server, flags = "SYN,ACK" }) do assert(bits(p) == said[i], ("%d: %d says %s"):format(retries, i, bits(p))) end
    assert((info.ecn == 1) == (kept or retries == 100), ("%d, %s: %d"):format(retries, kept, info.ecn))
  end
end
-- A SYN that is marked as capable.
for _, refuses in ipairs { true, false } do
  local sim, client, server, link = pair { ecn = "ask", ecn_refuses_marked_syn = refuses }
  link:rewrite { from = client, flags = "SYN", set = { tos = 2 } }
  assert((exchange(sim, client, server).ecn == 0) == refuses)
end
-- DCTCP asks by itself, and marks all.
for _, asks in ipairs { true, false } do
  local sim, client, server = pair { congestion_control = "dctcp", ecn_by_congestion = asks }
  exchange(sim, client, server)
  for _, p in ipairs(sim.trace:packets()) do assert(capable(p) == asks, p.flags) end
end
-- The echo of a mark ends with CWR, here on an ACK without data.
for _, heeded in ipairs { true, false } do
  local sim, client, server, link = pair { ecn = "ask", ecn_cwr_on_acks = heeded }
  link:rewrite { from = client, has_data = true, nth = 1, set = { tos = 3 } }
  link:rewrite { from = client, has_data = true, nth = 2, set = { flags = "PSH,ACK" } } -- its own CWR is taken away
  sim:at("130ms", function() link:inject { "W. 6:6(0) ack 1", from = client, to = server, port = 5000, to_port = 80 } end)
  exchange(sim, client, server, 2)
  local last = sim.trace:packets { from = server, flags = "=ACK,ECE", after = "150ms", before = "400ms" }
  assert((#last > 0) ~= heeded, #last)
end
-- Accurate ECN: what is marked after the peer's FIN.
for _, only in ipairs { true, false } do
  local sim, client, server, link = pair { ecn = "accurate", ecn_counts_established = only }
  link:rewrite { from = client, flags = "FIN", set = { tos = 3 } }
  link:rewrite { from = client, has_data = false, after = "130ms", set = { tos = 3 } }
  local counted
  server:serve(80, function(conn)
    conn:recv_all(); conn:send "answer"; server:sleep "1s"
    counted = conn:info().received_ce
    conn:close()
  end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send "x"; client:sleep "50ms"
    conn:shutdown "wr"; conn:recv_all(); conn:close()
  end)
  sim:run()
  assert(counted == (only and 1 or 2), counted)
end
-- ... ACKs when all is over.
for _, told in ipairs { true, false } do
  local sim, client, server, link = pair { ecn = "accurate", ecn_on_control = true, ecn_after_close = told }
  link:duplicate { from = server, flags = "FIN", by = "1s" }
  exchange(sim, client, server)
  local last = sim.trace:packets { from = client, flags = "ACK", after = "1s" }
  assert(#last == 1 and capable(last[1]) and (bits(last[1]) ~= "") == told, bits(last[1]))
end
-- ... ACKs of ACKs: only where six of them were marked.
for _, many in ipairs { true, false } do
  local sim, client, server, link = pair { ecn = "accurate", ecn_on_control = true, ecn_acks_of_acks = many, ack_every = 1, initial_window = 10 }
  link:rewrite { from = client, has_data = false, after = "50ms", set = { tos = 3 } }
  server:serve(80, function(conn) conn:send(("x"):rep(14600)); conn:recv_all(); conn:close() end)
  client:spawn(function() local conn = assert(client:connect(server, 80)); client:sleep "5s"; conn:close() end)
  sim:run()
  local acks = sim.trace:count { from = server, has_data = false, after = "50ms", before = "4s" }
  assert((acks > 0) == many, acks)
end
-- ... a handshake that shows that the bits are cleared on the way.
for _, heeded in ipairs { true, false } do
  local sim, client, server, link = pair { ecn = "accurate", ecn_heeds_unsure = heeded, recovery = "sack", initial_window = 10 }
  link:rewrite { from = client, flags = "=ACK,CWR", nth = 1, set = { flags = "ACK" } }
  link:rewrite { from = server, has_data = true, nth = { 2, 3 }, set = { tos = 3 } }
  local info
  server:serve(80, function(conn) conn:send(("x"):rep(30000)); conn:drain(); info = conn:info(); conn:close() end)
  client:spawn(function() local conn = assert(client:connect(server, 80)); conn:recv_all(); conn:close() end)
  sim:run()
  assert(info.ecn_failed == 10 and info.delivered_ce > 0, info.ecn_failed)
  assert((info.ssthresh < 30000) == heeded, info.ssthresh)
end
