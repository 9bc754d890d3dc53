-- dw.congestion_control: an algorithm in Lua, for a host or for one connection; what it leaves out, its base does.
local dw = require "drywire"

dw.congestion_control {
  name = "one-by-one",                      -- a segment for each window, from the start
  init = function(cc) cc.cwnd, cc.acked = 2 * cc.mss, 0 end,
  on_ack = function(cc, ack)
    cc.acked = cc.acked + ack.acked
    while cc.acked >= cc.cwnd do
      cc.acked = cc.acked - cc.cwnd
      cc.cwnd = cc.cwnd + cc.mss
    end
  end,
  ssthresh = function(cc, flight) return math.max(flight * 3 // 4, 2 * cc.mss) end,
}
dw.congestion_control {
  name = "fixed-rate",                      -- rules the window itself: a megabit a second, whatever happens
  control = function(cc, ack)
    cc.cwnd, cc.pacing_rate = 100 * cc.mss, 125000
    cc.calls = (cc.calls or 0) + 1
    assert(ack.delivered_total >= 0 and ack.pipe >= 0)
  end,
}
local seen = {}
dw.congestion_control {
  name = "listener", base = "cubic",        -- CUBIC, and what it is told
  on_state = function(cc) seen[#seen + 1] = cc.state end,
  on_loss = function(_, loss) seen.lost = (seen.lost or 0) + loss.octets end,
  on_timeout = function(cc) seen.timeout = true; cc.cwnd = cc.mss end,
}

local function transfer(options)
  local sim, client, server, link = dw.pair { delay = "50ms", seed = 2, tcp = { sack = true, recovery = options.recovery or "rack", initial_window = 10, congestion_control = options.host } }
  if options.drop then link:drop(options.drop) end
  local got
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  local windows = {}
  client:spawn(function()
    local conn = assert(client:connect(server, 80, options.conn))
    for i = 1, 30 do
      if options.at and i == options.at.turn then conn:set { congestion_control = options.at.name } end
      conn:send(("x"):rep(1460 * 8)); conn:drain()
      windows[i] = conn:info().cwnd // 1460
    end
    conn:close()
  end)
  sim:run()
  assert(#got == 30 * 8 * 1460)
  return windows, sim
end

local w = transfer { host = "one-by-one" }
assert(w[1] <= 4 and w[30] > w[1] and w[30] < 30, w[30])
w = transfer { conn = { congestion_control = "fixed-rate" } }
assert(w[2] == 100)
-- In the middle of a connection the window stays what it was, and grows in the other way from there.
w = transfer { host = "one-by-one", at = { turn = 20, name = "fixed-rate" } }
assert(w[19] < 30 and w[21] == 100, w[21])
w = transfer { conn = { congestion_control = "none" }, at = { turn = 5, name = "reno" } }
assert(w[6] >= w[4])

local _, sim = transfer { host = "listener", drop = { from = "client", has_data = true, nth = 20 } }
assert(seen[1] == "disorder" and seen[2] == "recovery" and seen[#seen] == "open", table.concat(seen, " "))
assert(seen.lost == 1460 and not seen.timeout)
transfer { host = "listener", recovery = "newreno", drop = { from = "client", has_data = true, nth = 8 } }
assert(seen.timeout and seen[#seen] == "open")

-- Mistakes are the script's, at its line.
local function fails(text, options)
  local ok, why = pcall(dw.congestion_control, options)
  assert(not ok and why:find(text, 1, true), why)
end
fails('there is already a "reno"', { name = "reno", on_ack = print })
fails('there is already a "listener"', { name = "listener" })
fails('no built-in algorithm "newreno"', { name = "x", base = "newreno" })
fails("expected a function, got number", { name = "x", on_ack = 3 })
fails('did you mean "on_ack"', { name = "x", on_ak = print })
fails("give it a name", {})
local ok, why = pcall(dw.pair, { tcp = { congestion_control = "one-by-two" } })
assert(not ok and why:find('congestion_control', 1, true), why)
dw.congestion_control { name = "broken", on_ack = function(cc) cc.cwnd = cc.cwnd / 2 + 0.5 end }
ok, why = pcall(transfer, { host = "broken" })
assert(not ok and why:find("cc.cwnd: expected a whole number from 1 up", 1, true), why)
