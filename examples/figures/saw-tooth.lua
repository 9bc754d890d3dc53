-- The saw-tooth of Tahoe, Reno and CUBIC: the same bottleneck, 10 Mbit/s, 40 ms, a queue of 20 packets
local dw = require "drywire"
local function flow(tcp)
  tcp.sack, tcp.send_buffer, tcp.receive_buffer, tcp.initial_window = true, "1MiB", "1MiB", 10
  local sim, client, server = dw.pair { delay = "20ms", rate = "10Mbps", queue = 20, profile = "linux", tcp = tcp }
  server:serve(80, function(conn) for _ in conn:chunks() do end; conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    local text = ("x"):rep(65536)
    while sim:now() < 20 do conn:send(text) end
    conn:close()
  end)
  sim:run()
  return sim.trace:series(client, "cwnd"), sim.trace:series(client, "ssthresh")
end
local function off(tcp)                      -- without what came later
  for _, name in ipairs { "tail_loss_probe", "undo", "frto", "cwnd_in_segments" } do tcp[name] = false end
  return tcp
end
local runs = {
  { name = "Tahoe", off { recovery = "tahoe", slow_start_limit = 1, congestion_control = "reno" } },
  { name = "Reno", off { recovery = "sack", congestion_control = "reno" } },
  { name = "CUBIC", { congestion_control = "cubic" } },
}
-- A window begins to fall where ssthresh is set; from its top to there is the multiplicative decrease.
-- What is lost of the last data, after 20 s, found less under way than the window.
local function teeth(cwnd, ssthresh)
  local list = {}
  for i = 2, #ssthresh do
    local top = 0
    for _, point in ipairs(cwnd) do
      if point[1] > ssthresh[i - 1][1] + 1 and point[1] < ssthresh[i][1] - 0.001 then top = point[2] end
    end
    if top > 0 and ssthresh[i][1] < 20 then list[#list + 1] = { top = top, to = ssthresh[i][2] } end
  end
  return list
end
-- How often it fell by a quarter.
local function falls(cwnd)
  local top, count = 0, 0
  for _, point in ipairs(cwnd) do
    top = math.max(top, point[2])
    if point[2] < 0.75 * top then top, count = point[2], count + 1 end
  end
  return count
end
for _, run in ipairs(runs) do
  local cwnd, ssthresh = flow(run[1])
  print(dw.plot({ cwnd = cwnd, ssthresh = ssthresh }, { title = run.name, divide = 1460, y = "segments", from = 0, to = 20, top = 90, height = 11 }))
  print ""
  local list = teeth(cwnd, ssthresh)
  assert(#list >= 1 and falls(cwnd) >= 7, ("%s: %d"):format(run.name, falls(cwnd)))
  for _, tooth in ipairs(list) do
    local ratio = tooth.to / tooth.top
    local expected = run.name == "CUBIC" and 0.7 or 0.5
    assert(math.abs(ratio - expected) < 0.06, ("%s: %.2f"):format(run.name, ratio))
  end
  -- After a loss Tahoe begins with one segment; the others go on from where they fell to.
  local low = math.huge
  for _, point in ipairs(cwnd) do if point[1] > 5 then low = math.min(low, point[2]) end end
  assert((low <= 1460) == (run.name == "Tahoe"), run.name .. " " .. low)
end
