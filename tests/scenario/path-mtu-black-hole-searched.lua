-- P17: with mtu_probing "black-hole" the search begins when whole segments vanish: at base_mss, then half of that, down to mtu_probe_floor (RFC 4821 7.7); what gets through grows again by probes.
local dw = require "drywire"
local function run(tcp, mtu, profile)
  tcp.mtu_probing = "black-hole"
  local sim = dw.sim { profile = profile or "rfc9293", tcp = tcp }
  local a, r, q, b = sim:host "a", sim:host "r", sim:host "q", sim:host "b"
  sim:link(a, r, { delay = "5ms" })
  sim:link(r, q, { delay = "5ms", mtu = mtu })
  sim:link(q, b, { delay = "5ms" })
  r:drop { flags = "fragmentation-needed" }
  local got = 0
  b:serve(80, function(conn) for data in conn:chunks() do got = got + #data end; conn:close() end)
  a:spawn(function()
    local conn = assert(a:connect(b, 80))
    conn:send(("x"):rep(30000)); conn:close()
  end)
  sim:run "180s"
  local sizes, seen = {}, {}
  for _, p in ipairs(sim.trace:packets { from = "a", has_data = true }) do
    if not seen[p.len] and #sizes < 5 then sizes[#sizes + 1] = p.len; seen[p.len] = true end
  end
  return got, sizes, sim
end
local got, sizes, sim = run({ base_mss = "900B" }, 1000)
assert(got == 30000 and sizes[1] == 1460 and sizes[2] == 900)
dw.expect(sim:host "a"):cause("pmtu-black-hole", 1)
got, sizes = run({ base_mss = "900B" }, 400)
assert(got == 30000 and sizes[2] == 900 and sizes[3] == 450 and sizes[4] == 225)
-- Nothing is smaller than the floor, and what does not fit even so stays outside.
got, sizes = run({ base_mss = "900B", mtu_probe_floor = "500B" }, 400)
assert(got == 0 and sizes[2] == 900 and sizes[3] == 500 and #sizes == 3)
got = run({}, 1000, "linux")
assert(got == 30000)
