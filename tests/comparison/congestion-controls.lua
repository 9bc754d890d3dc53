-- The congestion controls: what each does to a bottleneck of 10 Mbit/s with 25 ms one way (congestion_control).
local dw = require "drywire"
local function run(names, options)
  options = options or {}
  local tcp = { sack = true, recovery = "rack", prr = true, initial_window = 10, send_buffer = "1MiB", receive_buffer = "1MiB", window_scale = true, ecn = options.ecn or "off" }
  local sim = dw.sim { seed = 5, tcp = tcp, trace = "digest" }
  local long = options.seconds or 8
  local left, right = sim:host "left", sim:host "right"
  local bottleneck = sim:link(left, right, { delay = "20ms", rate = "10Mbps", queue = options.queue or 60 })
  if options.mark then options.mark(bottleneck) end
  local got, rtt = {}, {}
  for i, name in ipairs(names) do
    local a = sim:host("a" .. i, { tcp = { congestion_control = name } })
    local b = sim:host("b" .. i)
    sim:link(a, left, { delay = "2500us", rate = "1Gbps" })
    sim:link(right, b, { delay = "2500us", rate = "1Gbps" })
    got[i] = 0
    b:serve(80, function(conn)
      while true do
        local data = conn:recv()
        if not data then break end
        if sim:now() > 2 then got[i] = got[i] + #data end
      end
      conn:close()
    end)
    a:spawn(function()
      if i > 1 then a:sleep "1s" end
      local conn = assert(a:connect(b, 80))
      local text = ("x"):rep(100000)
      while sim:now() < long do
        conn:send(text)
        rtt[i] = conn:info().srtt_ns / 1e6
      end
      conn:reset()
    end)
  end
  sim:run(("%gs"):format(long + 1))
  for i in ipairs(got) do got[i] = got[i] * 8 / (long - 2) / 1e6 end     -- Mbit/s
  return got, rtt
end

-- Alone, each uses the path; what it does to the delay differs.
for name, most in pairs { reno = 125, cubic = 125, vegas = 60, ledbat = 115, bbr = 75, bbr3 = 75, none = 2000 } do
  local got, rtt = run({ name }, { seconds = name == "none" and 2.5 or 5 })
  assert(got[1] > (name == "none" and 1 or 8.5), name .. " " .. got[1])
  assert(rtt[1] < most, name .. " " .. rtt[1] .. " ms")
end
-- LEDBAT gives way to Reno where the queue is long enough to be felt; two of Reno share.
local got = run({ "ledbat", "reno" }, { queue = 200 })
assert(got[1] < got[2] / 4, got[1] .. " " .. got[2])
got = run { "reno", "reno" }
local jain = (got[1] + got[2]) ^ 2 / (2 * (got[1] ^ 2 + got[2] ^ 2))
assert(jain > 0.9, jain)

-- Losses that have nothing to do with congestion, two in a hundred: Reno takes them for it, BBR does not; its third
-- version does where there are more than that.
local function lossy(link) link:set { loss = 0.02 } end
got = {}
for _, name in ipairs { "reno", "bbr", "bbr3" } do got[name] = run({ name }, { mark = lossy, seconds = 6 })[1] end
assert(got.bbr > 2.5 * got.reno and got.bbr3 > 1.3 * got.reno, ("%.1f %.1f %.1f"):format(got.reno, got.bbr, got.bbr3))

-- One packet in a hundred is marked: CUBIC takes each mark for a loss, DCTCP reduces in proportion.
local function mark(link)
  local n = 0
  link:rewrite { has_data = true, when = function() n = n + 1; return n % 100 == 0 end, set = { tos = 3 } }
end
local cubic = run({ "cubic" }, { ecn = "accurate", mark = mark })
local dctcp = run({ "dctcp" }, { ecn = "accurate", mark = mark })
assert(dctcp[1] > 1.5 * cubic[1], cubic[1] .. " " .. dctcp[1])
-- With classic ECN, too: its receiver echoes exactly what was marked.
local classic = run({ "dctcp" }, { ecn = "ask", mark = mark })
assert(classic[1] > 1.4 * cubic[1], cubic[1] .. " " .. classic[1])
