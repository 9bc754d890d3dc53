-- When the window may grow, and what a pause leaves of it: cwnd_validation (RFC 7661 section 3, as Linux asks), idle_restart (RFC 5681 section 4.1, RFC 2861), pacing with pacing_ss_ratio and pacing_ca_ratio, tso_win_divisor, hystart (RFC 9406).
local dw = require "drywire"
local function pair(tcp, link)
  local options = { delay = "50ms", seed = 3, tcp = tcp }
  for k, v in pairs(link or {}) do options[k] = v end
  return dw.pair(options)
end
local function transfer(tcp, program, link)
  tcp.sack, tcp.recovery = true, "rack"
  local sim, client, server = pair(tcp, link)
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    program(conn, client)
    conn:close()
  end)
  sim:run()
  return sim, client
end

-- A segment now and then: its ACKs do not open the window of a sender that does not use it.
for _, validate in ipairs { true, false } do
  local cwnd
  transfer({ cwnd_validation = validate, initial_window = 4 }, function(conn, client)
    for _ = 1, 8 do conn:send(("x"):rep(1460)); conn:drain() end
    cwnd = conn:info().cwnd // 1460
  end)
  assert((cwnd > 6) == not validate, cwnd)
end

-- After a pause: the window as it was; the initial one; halved for each timeout that passed.
local after = {}
for _, how in ipairs { "off", "rfc5681", "halve" } do
  local sim, client = transfer({ idle_restart = how, initial_window = 4, rto_min = "200ms" }, function(conn, client)
    conn:send(("x"):rep(1460 * 60)); conn:drain()
    client:sleep "250ms"
    conn:send(("x"):rep(1460 * 40)); conn:drain()
  end)
  local burst, last, from = 0, 0, nil
  for _, p in ipairs(sim.trace:packets { from = client, has_data = true }) do
    if p.time - last > 0.3 then from, burst = p.time, 0 end
    if from and p.time - from < 0.001 then burst = burst + 1 end
    last = p.time
  end
  after[how] = burst
end
assert(after.rfc5681 == 3 and after.off > 10 and after.halve > 3 and after.halve < after.off, ("%d %d %d"):format(after.off, after.rfc5681, after.halve))

-- Pacing spreads what would leave at once; the rate follows the window over the round trip.
local function longest_burst(tcp)
  tcp.initial_window = 10
  local sim, client = transfer(tcp, function(conn) conn:send(("x"):rep(1460 * 200)) end)
  local longest, run, last = 0, 0, -1
  for _, p in ipairs(sim.trace:packets { from = client, has_data = true, after = "250ms" }) do
    run = p.time == last and run + 1 or 1
    last = p.time
    longest = math.max(longest, run)
  end
  return longest, last
end
local free = longest_burst { pacing = false }
local paced, slow = longest_burst { pacing = true, pacing_ss_ratio = 200 }
local _, slower = longest_burst { pacing = true, pacing_ss_ratio = 100, pacing_ca_ratio = 100 }
assert(free > 20 and paced <= 2, free .. " " .. paced)
assert(slower > slow, slower .. " " .. slow)

-- A burst of Linux waits for an ACK that is due at once, when little of the window is free.
local function data_packets(divisor)
  local sim, client = transfer({ push_every = 2, tso_win_divisor = divisor, initial_window = 10 },
    function(conn) conn:send(("x"):rep(1460 * 100)) end, { delay = "100us", rate = "100Mbps" })
  local times, last = 0, -1
  for _, p in ipairs(sim.trace:packets { from = client, has_data = true }) do
    if p.time ~= last then times = times + 1 end
    last = p.time
  end
  return times
end
assert(data_packets(3) < data_packets(0))

-- Delay ends slow start before a queue overflows.
local function ssthresh(how, rate)
  local threshold
  local tcp = { congestion_control = "cubic", hystart = how, initial_window = 10, send_buffer = "1MiB", receive_buffer = "1MiB", window_scale = true }
  tcp.sack, tcp.recovery, tcp.cwnd_validation = true, "rack", false
  local sim, client, server = pair(tcp, { rate = rate, queue = 2000 })
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(1460 * 4000)); conn:drain()
    threshold = conn:info().ssthresh // 1460
    conn:close()
  end)
  sim:run()
  return threshold
end
for how, rate in pairs { train = "20Mbps", delay = "10Mbps", classic = "20Mbps", plusplus = "10Mbps" } do
  local found = ssthresh(how, rate)
  assert(found < 1000, how .. " " .. found)
end
assert(ssthresh("off", "10Mbps") > 1000000)
