-- A swarm: each seed draws a link, faults, options and a transfer both ways.  What arrives is whole and
-- in order, or the connection is known to have failed; nothing in between.
--   drywire run --set from=1 --set to=100000 tests/swarm/transfer.lua
local dw = require "drywire"

local function draw(seed)
  math.randomseed(seed)
  local r = math.random
  local function ms(low, high) return ("%dms"):format(r(low, high)) end
  return {
    sim = {
      seed = seed, limit = "24h", profile = ({ "rfc9293", "linux", "freebsd", "rfc793", "embedded" })[r(5)],
      delay = ms(0, 50), jitter = ms(0, 10), rate = r(2) == 1 and ("%dkbps"):format(r(100, 20000)) or nil,
      queue = r(2) == 1 and r(2, 50) or nil, loss = r(0, 15) / 100, duplicate = r(0, 10) / 100,
      reorder = r(0, 20) / 100, corrupt = r(0, 5) / 100, mtu = r(2) == 1 and r(200, 1500) or nil,
      buffer = r(1000, 200000), isn = { r(0, 4294967295), r(0, 4294967295) },
      tcp = { nagle = r(2) == 1, delayed_ack = ms(0, 400), mss_least = 28, close_unread = "fin", timestamps = r(2) == 1, fast_open = r(2) == 1,
              reassembly_limit = r(4) == 1 and r(1, 8) or nil, blackhole_detection = r(2) == 1 },
    },
    up = r(0, 60000), down = r(0, 60000), pause = r(0, 3000),
  }
end

local function data(length, salt)
  local parts = {}
  for i = 1, length // 8 + 1 do parts[i] = ("%07d%s"):format(i, salt) end
  return table.concat(parts):sub(1, length)
end

local complete, failed = 0, 0
for seed = dw.param("from", 1), dw.param("to", 300) do
  local plan = draw(seed)
  local sim, client, server = dw.pair(plan.sim)
  local got_up, got_down, why
  server:serve(80, function(conn)
    server:sleep(("%dms"):format(plan.pause))
    got_up = conn:recv_all()
    conn:send(data(plan.down, "d"))
    conn:close()
  end)
  client:spawn(function()
    local conn
    conn, why = client:connect("server", 80)
    if not conn then return end
    conn:send(data(plan.up, "u"))
    conn:shutdown()
    got_down, why = conn:recv_all()
    conn:close()
  end)
  local ok, problem = pcall(sim.run, sim)
  -- A peer that gave up (R2) may leave the other end waiting for ever: there is no keepalive.
  local gave_up = sim.trace:text():find "r2%-exceeded"
  assert(ok or (problem:find "still waits" and gave_up), ("seed %d: %s"):format(seed, problem))
  assert(got_up == nil or got_up == data(plan.up, "u"), ("seed %d: the data up is damaged"):format(seed))
  assert(got_down == nil or got_down == data(plan.down, "d"), ("seed %d: the data down is damaged"):format(seed))
  assert(got_down or gave_up or why, ("seed %d: no data and no reason"):format(seed))
  if got_down then complete = complete + 1 else failed = failed + 1 end
  sim:close()
end
print(("%d transfers complete, %d given up"):format(complete, failed))
assert(complete > 9 * failed)
