-- What the switches against forged segments do: ack_check, challenge_limit and challenge_period, time_wait_syn.
local dw = require "drywire"
local function run(tcp, script)
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, checks = "off", tcp = tcp }
  server:serve(80, function(conn) conn:recv() end)
  client:spawn(function() assert(client:connect(server, 80, { local_port = 5000 })) end)
  script(function(at, fields)
    fields.at, fields.from, fields.port, fields.to, fields.to_port = at, client, 5000, server, 80
    link:inject(fields)
  end)
  sim:run "30s"
  return sim, server
end
-- Data with an ACK from long ago: refused, or taken (RFC 793).
for _, rule in ipairs { "rfc5961", "rfc793" } do
  local _, server = run({ ack_check = rule }, function(inject)
    inject("1s", { flags = "ACK", seq = 100, ack = 300 - 100000 + 2 ^ 32 // 1 | 0, data = "evil" })
  end)
  assert(server:conn():info().rcv_nxt == (rule == "rfc793" and 104 or 100))
end
-- So many challenge ACKs in a period.
for _, period in ipairs { "1s", "5s" } do
  local sim = run({ challenge_limit = 2, challenge_period = period }, function(inject)
    for i = 0, 9 do inject(("%dms"):format(1000 + 500 * i), { flags = "RST", seq = 5000 }) end
  end)
  assert(sim.trace:count { from = "server", after = "1s" } == (period == "1s" and 10 or 2))
end
-- A newer SYN in TIME-WAIT.
for _, rule in ipairs { "reopen", "refuse" } do
  local sim, client, server = dw.pair { delay = "20ms", isn = { { 99, 5000 }, { 299, 9000 } }, tcp = { time_wait_syn = rule } }
  server:serve(80, function(conn) conn:close() end)
  local second
  client:spawn(function()
    local conn = assert(client:connect(server, 80, { local_port = 5000 }))
    conn:recv_all(); conn:close(); client:sleep "1s"
    second = client:connect(server, 80, { local_port = 5000, timeout = "500ms" })
  end)
  sim:run "5s"
  assert((second ~= nil) == (rule == "reopen"))
end
