-- How much a long transfer gets on a path that loses packets at random: Reno as Mathis, Semke, Mahdavi and Ott (1997) have it, CUBIC as section 5.1 of RFC 9438.
local dw = require "drywire"

-- The average window in segments, over so many losses and seeds.
local function average_window(control, p, rtt, losses, seeds)
  local sum = 0
  for seed = 1, seeds do
    local sim = dw.sim { seed = seed, trace = "digest", tcp = {
      sack = true, recovery = "sack", congestion_control = control, ack_every = 1, window_scale = true,
      send_buffer = "2MiB", receive_buffer = "2MiB", initial_window = 10, rto_min = "1s" } }
    local a, b = sim:host "a", sim:host "b"
    sim:link(a, b, { delay = ("%dms"):format(rtt * 500), to_b = { loss = p } })
    local bytes, warm, from = math.floor(1448 * losses / p), nil, nil
    local got = 0
    b:serve(80, function(conn)
      for data in conn:chunks() do
        got = got + #data
        if not from and got > bytes / 10 then from, warm = sim:now(), got end   -- slow start is over
      end
      conn:close()
    end)
    a:spawn(function()
      local conn = assert(a:connect(b, 80))
      local text = ("x"):rep(65536)
      for _ = 1, bytes // #text do conn:send(text) end
      conn:drain()
      sum = sum + (got - warm) / 1460 / (sim:now() - from) * rtt
      conn:close()
    end)
    sim:run()
  end
  return sum / seeds
end

local function mathis(p) return math.sqrt(3 / 2) / math.sqrt(p) end
local function cubic(p, rtt) return (0.4 * 3.7 / (4 * 0.3)) ^ 0.25 * (rtt / p) ^ 0.75 end

local function check(name, measured, expected, low, high)
  local ratio = measured / expected
  print(("%-24s %6.1f segments, expected %6.1f: %.2f"):format(name, measured, expected, ratio))
  assert(ratio > low and ratio < high, name .. " " .. ratio)
end
check("Reno, 1 % loss", average_window("reno", 0.01, 0.1, 200, 2), mathis(0.01), 0.7, 1.2)
check("Reno, 0.1 % loss", average_window("reno", 0.001, 0.1, 40, 2), mathis(0.001), 0.7, 1.2)
check("CUBIC, 0.1 % loss, 0.4 s", average_window("cubic", 0.001, 0.4, 40, 2), cubic(0.001, 0.4), 0.7, 1.2)
-- Where the path is short and losses are many, CUBIC gets what Reno would (RFC 9438 4.3).
check("CUBIC, 1 % loss, 0.02 s", average_window("cubic", 0.01, 0.02, 100, 1), mathis(0.01), 0.7, 1.3)
