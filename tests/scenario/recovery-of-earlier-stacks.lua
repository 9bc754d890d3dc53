-- What earlier stacks did about a loss (recovery): Tahoe goes back to slow start, Reno leaves recovery at the first ACK of new data, NewReno at the last.
local dw = require "drywire"
local function run(recovery, nth)
  local sim, client, server, link = dw.pair { delay = "50ms", rate = "10Mbps", queue = 1000, tcp = { recovery = recovery, initial_window = 2 } }
  link:drop { from = client, has_data = true, nth = nth }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(1460 * 400)); conn:close()
  end)
  sim:run()
  local least, falls, before = math.huge, 0, 0
  for _, point in ipairs(sim.trace:series(client, "cwnd")) do
    if point[1] > 0.9 then least = math.min(least, point[2] // 1460) end
    if point[2] < before / 2 then falls = falls + 1 end
    before = point[2]
  end
  local function count(cause)
    return sim.trace:count { from = client, when = function(p) return p.cause == cause end }
  end
  return { least = least, falls = falls, fast = count "fast-retransmit", timeouts = count "retransmission-timeout", partial = count "partial-ack" }
end

-- One loss: Tahoe's window is one segment afterwards, the others' half of what it was.
local tahoe, reno, newreno = run("tahoe", { 60 }), run("reno", { 60 }), run("newreno", { 60 })
assert(tahoe.least == 1 and tahoe.fast == 1 and tahoe.timeouts == 0)
assert(reno.least > 8 and reno.fast == 1 and reno.timeouts == 0)
assert(newreno.least == reno.least and newreno.timeouts == 0)
-- Two in one window: Reno waits for the timer, NewReno sends the second after the partial ACK (RFC 6582).
tahoe, reno, newreno = run("tahoe", { 60, 62 }), run("reno", { 60, 62 }), run("newreno", { 60, 62 })
assert(tahoe.timeouts == 0 and tahoe.fast == 1)
assert(reno.timeouts == 1 and reno.least == 1)
assert(newreno.timeouts == 0 and newreno.partial == 1)
