-- Accurate ECN with data both ways and marks at random: what each end has read back is what the other has counted, to the octet, whatever was lost, came twice or out of order; packets, too, where each ACK arrives, and else but for a multiple of eight, which is all that three bits can tell (RFC 9768 3.2.2).
local dw = require "drywire"
local function run(seed, share, tcp, path)
  tcp.ecn, tcp.initial_window = "accurate", 10
  local sim, client, server, link = dw.pair { delay = "15ms", rate = "20Mbps", jitter = path.jitter, seed = seed, tcp = tcp }
  local random = sim:random "marks"
  local function sometimes(p) return function() return random:chance(p) end end
  for _, from in ipairs { client, server } do
    link:rewrite { from = from, has_data = true, before = "15s", set = { tos = 1 }, when = sometimes(0.1) }
    link:rewrite { from = from, has_data = true, before = "15s", set = { tos = 3 }, when = sometimes(share) }
  end
  if path.loss then link:drop { after = "45ms", before = "15s", when = sometimes(path.loss) } end
  if path.twice then link:duplicate { after = "45ms", before = "15s", when = sometimes(path.twice) } end
  local infos = {}
  local function both_ways(conn, host, octets)
    conn:send(("x"):rep(octets))
    host:spawn(function() host:sleep "20s"; conn:send "the last word"; host:sleep "2s"; conn:shutdown "wr" end)
    host:spawn(function() host:sleep "21s"; infos[host] = conn:info() end)
    conn:recv_all(); host:sleep "5s"
    conn:close()
  end
  server:serve(80, function(conn) both_ways(conn, server, random:integer(20000, 65000)) end)
  client:spawn(function() both_ways(assert(client:connect(server, 80)), client, random:integer(20000, 65000)) end)
  sim:run()
  return infos[client], infos[server]
end
local function agree(what, sender, receiver, exact, octets)
  for _, name in ipairs(octets and { "ce", "e0", "e1" } or {}) do
    local said, counted = sender["delivered_" .. name .. "_octets"], receiver["received_" .. name .. "_octets"]
    assert(said == counted, ("%s: %s octets: %d read back, %d counted"):format(what, name, said, counted))
  end
  local gap = receiver.received_ce - sender.delivered_ce
  assert(exact and gap == 0 or not exact and gap % 8 == 0, ("%s: packets: %d of %d"):format(what, sender.delivered_ce, receiver.received_ce))
end
local paths = { { name = "clean" }, { name = "lossy", loss = 0.05 }, { name = "jumbled", loss = 0.01, twice = 0.03, jitter = "4ms" } }
local marked = 0
for seed = 1, 8 do
  for _, share in ipairs { 0.02, 0.3, 1 } do
    for _, path in ipairs(paths) do
      for option = 0, 2 do
        local recovery = ({ "newreno", "sack", "rack" })[(seed + option) % 3 + 1]
        local what = ("seed %d, %g marked, %s, option %d, %s"):format(seed, share, path.name, option, recovery)
        local a, b = run(seed, share, { recovery = recovery, sack = recovery ~= "newreno", ecn_option = option, timestamps = seed % 2 == 0 }, path)
        -- An option that is sent sparingly may be lost where it mattered.
        local clean, octets = path.name == "clean", option == 2 or option == 1 and path.name == "clean"
        agree(what .. ", there", a, b, clean, octets)
        agree(what .. ", back", b, a, clean, octets)
        marked = marked + b.received_ce
      end
    end
  end
end
assert(marked > 1000)
