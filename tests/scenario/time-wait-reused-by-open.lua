-- OPEN takes the ports of a connection in TIME-WAIT where time stamps tell the two apart (RFC 6191, Linux tcp_tw_reuse); without, the connection exists.
local dw = require "drywire"

-- Two connections of one client; `pause` between them, from `port` or from a range of one.
local function twice(opts)
  local tcp = { timestamps = true, port_first = 40000, port_last = 40000 }
  for name, value in pairs(opts.tcp or {}) do tcp[name] = value end
  local sim, client, server, link = dw.pair { delay = "1ms", profile = opts.profile, tcp = tcp, seed = opts.seed }
  local target = opts.target or "server"
  local serve = function(conn) conn:send(conn:recv_all()); conn:close() end
  server:serve(80, serve)
  client:serve(80, serve)
  local first, second, why
  client:spawn(function()
    first = assert(client:connect(target, 80, { local_port = opts.port }))
    first:send "one"; first:shutdown(); first:recv_all()
    if not opts.held then first:close() end
    client:sleep(opts.pause)
    assert(first:state() == "TIME-WAIT")
    second, why = client:connect(target, 80, { local_port = opts.port })
    if not second then return end
    second:send "two"; second:shutdown()
    assert(second:recv_all() == "two"); second:close()
  end)
  sim:run()
  return second, why, sim, client
end

local function syns(sim)
  local t = {}
  for _, p in ipairs(sim.trace:packets { flags = "=SYN" }) do t[#t + 1] = p end
  return t
end

-- A port that was looked for: always, after a second; only on loopback; never.
local always, loopback = { time_wait_reuse = "always" }, { time_wait_reuse = "loopback" }
for _, held in ipairs { false, true } do
  local conn, _, sim, client = twice { tcp = always, pause = "1100ms", held = held }
  assert(conn and client:conn(1):states()[7] == "CLOSED")
  dw.expect(client):cause("time-wait-reused", 1)
  local one, two = syns(sim)[1], syns(sim)[2]
  assert(one.sport == 40000 and two.sport == 40000 and (two.seq - one.seq) % 2 ^ 32 < 2 ^ 31)
  assert(dw.tcp_options(two.options).tsval > dw.tcp_options(one.options).tsval and dw.tcp_options(two.options).tsecr == 0)
end
for _, opts in ipairs {
  { tcp = always, pause = "900ms" }, { tcp = { time_wait_reuse = "always", time_wait_reuse_delay = "3s" }, pause = "2s" },
  { tcp = { time_wait_reuse = "always", timestamps = false }, pause = "2s" }, { tcp = loopback, pause = "2s" }, { pause = "2s" },
} do
  local conn, why = twice(opts)
  assert(not conn and why == "address in use", why)
end
assert(twice { tcp = { time_wait_reuse = "always", time_wait_reuse_delay = "100ms" }, pause = "200ms" })
assert(twice { tcp = loopback, pause = "2s", target = "localhost" })

-- A port that the user names.
local conn, why = twice { tcp = always, pause = "2s", port = 5000 }
assert(not conn and why == "already connected", why)
assert(twice { tcp = { time_wait_reuse_named = true }, pause = "10ms", port = 5000 })

-- Linux: a named one at once, others on loopback after a second; the ISS is 65537 above, and the SYN echoes.
local conn, _, sim = twice { profile = "linux", pause = "200ms", port = 5000 }
local last, syn = sim.trace:packets({ from = "client", before = "100ms" }), syns(sim)[2]
assert(conn and syn.seq == (last[#last].seq + 65537) % 2 ^ 32 and dw.tcp_options(syn.options).tsecr > 0)
assert(not twice { profile = "linux", pause = "2s" } and twice { profile = "linux", pause = "2s", target = "127.0.0.1" })
local syn = syns(select(3, twice { pause = "100ms", port = 5000, tcp = { time_wait_reuse_named = true, time_wait_reuse_echo = true } }))[2]
assert(dw.tcp_options(syn.options).tsecr > 0)

-- A segment of the old connection that comes late meets the new one, and is too old for it (PAWS).
local sim, client, server, link = dw.pair { delay = "1ms", tcp = { timestamps = true, time_wait_reuse_named = true } }
link:duplicate { from = server, has_data = true, nth = 1, by = "500ms" }
server:serve(80, function(conn) conn:send(conn:recv_all()); conn:close() end)
client:spawn(function()
  for i = 1, 2 do
    local conn = assert(client:connect(server, 80, { local_port = 5000 }))
    conn:send "data"; client:sleep(i == 1 and "100ms" or "1s"); conn:shutdown()
    assert(conn:recv_all() == "data"); conn:close()
    client:sleep "100ms"
  end
end)
sim:run()
dw.expect(client):cause("paws", 1)

-- Ports are taken from a range, over and over.
local sim, client, server = dw.pair { tcp = { port_first = 1000, port_last = 1002 } }
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  for i = 1, 3 do assert(client:connect(server, 80)):close() end
  local conn, why = client:connect(server, 80)
  assert(not conn and why == "address in use")
end)
sim:run()
for i, syn in ipairs(syns(sim)) do assert(syn.sport == 999 + i) end
assert(syns(select(3, twice { profile = "linux", pause = "2s", target = "localhost", tcp = { port_first = 32768, port_last = 60999 } }))[1].sport == 32768)
