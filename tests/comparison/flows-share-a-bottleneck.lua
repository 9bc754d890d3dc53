-- Two flows at one bottleneck: how they share it, and what a longer round trip costs (Jain's index; Chiu and Jain 1989, Lakshman and Madhow 1997, RFC 9438 section 5.2).
local dw = require "drywire"

-- What each flow gets of 10 Mbit/s, in Mbit/s; delays: one way, from the sender to the bottleneck.
local function share(control, delays, seconds)
  local tcp = { sack = true, recovery = "rack", prr = true, initial_window = 10, window_scale = true,
    send_buffer = "1MiB", receive_buffer = "1MiB", congestion_control = control }
  local sim = dw.sim { seed = 11, trace = "digest", tcp = tcp }
  local left, right = sim:host "left", sim:host "right"
  sim:link(left, right, { delay = "5ms", rate = "10Mbps", queue = 40 })
  local got, warm = {}, seconds / 4
  for i, delay in ipairs(delays) do
    local a, b = sim:host("a" .. i), sim:host("b" .. i)
    sim:link(a, left, { delay = delay, rate = "100Mbps" })
    sim:link(right, b, { delay = "1ms", rate = "100Mbps" })
    got[i] = 0
    b:serve(80, function(conn)
      for data in conn:chunks() do if sim:now() > warm and sim:now() < seconds then got[i] = got[i] + #data end end
      conn:close()
    end)
    a:spawn(function()
      a:sleep(("%dms"):format(137 * i))
      local conn = assert(a:connect(b, 80))
      local text = ("x"):rep(65536)
      while sim:now() < seconds do conn:send(text) end
      conn:close()
    end)
  end
  sim:run()
  for i in ipairs(got) do got[i] = got[i] * 8 / (seconds - warm) / 1e6 end
  return got
end

local function jain(x)
  local sum, squares = 0, 0
  for _, v in ipairs(x) do sum, squares = sum + v, squares + v * v end
  return sum * sum / (#x * squares)
end

-- The same path: about the same share, and together the whole of it.
for _, control in ipairs { "reno", "cubic", "bbr", "bbr3" } do
  local got = share(control, { "5ms", "5ms" }, 24)
  print(("%-6s equal paths    %.2f and %.2f Mbit/s, Jain %.3f"):format(control, got[1], got[2], jain(got)))
  assert(jain(got) > 0.85, control)
  assert(got[1] + got[2] > 8.5, control)
end
-- Round trips of 22 and 122 ms: Reno's share falls at least with the ratio of them, CUBIC's less steeply.
local ratio = {}
for _, control in ipairs { "reno", "cubic" } do
  local got = share(control, { "5ms", "55ms" }, 40)
  ratio[control] = got[1] / got[2]
  print(("%-6s 22 and 122 ms  %.2f and %.2f Mbit/s, %.1f to one"):format(control, got[1], got[2], ratio[control]))
end
assert(ratio.reno > 122 / 22 * 0.7 and ratio.reno < (122 / 22) ^ 2, ratio.reno)
assert(ratio.cubic < ratio.reno and ratio.cubic > 1.5, ratio.cubic)
