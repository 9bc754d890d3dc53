-- What recovery sends: at once half of what was under way (RFC 6675), or in proportion to what arrives (prr, RFC 9937); what comes out is the same window. And what is restored when it was all a mistake (undo, frto; RFC 5682, RFC 3522).
local dw = require "drywire"
local function transfer(tcp, faults, octets)
  tcp.sack = true
  tcp.recovery, tcp.initial_window = tcp.recovery or "sack", tcp.initial_window or 20
  local sim, client, server, link = dw.pair { delay = "50ms", seed = 3, tcp = tcp, rate = "20Mbps" }
  faults(link, client, server)
  local got, info
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(octets))
    conn:drain()
    info = conn:info()
    conn:close()
  end)
  sim:run()
  assert(#got == octets)
  return sim, client, info
end
local function lose(link, client) link:drop { from = client, has_data = true, nth = 5 } end
local rates = {}
for _, prr in ipairs { true, false } do
  local sim, client, info = transfer({ prr = prr }, lose, 1460 * 80)
  local first = sim.trace:packets({ from = client, when = function(p) return p.cause == "fast-retransmit" end })[1].time
  local n = 0 -- segments in the half round trip after the first retransmission
  for _, p in ipairs(sim.trace:packets { from = client, has_data = true }) do
    if p.time > first and p.time < first + 0.005 then n = n + 1 end
  end
  rates[prr] = n
end
assert(rates[true] > rates[false], rates[true] .. " " .. rates[false]) -- PRR sends all along; else the pipe must drain first

-- A delay of the path that the timer did not expect: all comes after all.
for _, on in ipairs { true, false } do
  local sim, client, server, link = dw.pair { delay = "50ms", seed = 3,
    tcp = { sack = true, recovery = "rack", initial_window = 10, frto = on, undo = on, rto_min = "200ms", timestamps = true } }
  local held = link:hold { from = client, has_data = true, nth = { 11, 12, 13, 14, 15, 16 } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(1460 * 40)); conn:drain(); conn:close()
  end)
  client:spawn(function() client:sleep "700ms"; held:release() end)
  sim:run()
  dw.expect(client):cause("retransmission-timeout")
  local undone = pcall(function() dw.expect(client):cause "undo-timestamp" end) or pcall(function() dw.expect(client):cause "undo-frto" end)
  assert(undone == on, tostring(on))
end
