-- The window grows by what ACKs acknowledge (RFC 5681 3.1), not by what they SACK; with cwnd_counts_sacked by that, too, once the network was seen to reorder, and then not again when it is acknowledged (Linux, tcp_may_raise_cwnd).
local dw = require "drywire"
local MSS = 1460

-- cwnd in segments after each of five ACKs of ten segments that came in another order: the last of
-- them, 2, 3, 4 and 5, and then 1, which the last ACK tells by what it acknowledges.
local function windows(tcp)
  tcp.sack, tcp.recovery, tcp.initial_window, tcp.cwnd_validation = true, "rack", 10, false
  local sim, client, server, link = dw.pair { delay = "50ms", isn = { 99, 299 }, tcp = tcp }
  local seen = {}
  local function seq(n) return 300 + n * MSS end -- where segment n + 1 begins
  local acks = { { 0, { 9, 10 } }, { 0, { 1, 2 }, { 9, 10 } }, { 0, { 1, 3 }, { 9, 10 } }, { 0, { 1, 5 }, { 9, 10 } }, { 5, { 9, 10 } } }
  client:spawn(function() client:connect(server, 80, { local_port = 5000 }) end)
  server:spawn(function()
    local conn = server:listen(80):accept()
    link:drop { from = server } -- the client's TCP knows nothing of what is injected
    for i, ack in ipairs(acks) do
      local blocks = {}
      for j = 2, #ack do blocks[j - 1] = { seq(ack[j][1]), seq(ack[j][2]) } end
      link:inject { at = 300 + i .. "ms", from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 100, ack = seq(ack[1]), window = 65535, options = dw.tcp_option { sack = blocks } }
      sim:at(("%dms"):format(351 + i), function() seen[i] = conn:info().cwnd // MSS end)
    end
    server:sleep "100ms"
    conn:send(("x"):rep(100 * MSS))
  end)
  sim:run "360ms"
  return table.concat(seen, " ")
end
local function expect(want, tcp)
  local found = windows(tcp)
  assert(found == want, found .. ", not " .. want)
end
expect("10 10 10 10 15", { slow_start_limit = 0 })
expect("10 10 10 10 12", { slow_start_limit = 2 })
expect("10 11 12 14 15", { slow_start_limit = 0, cwnd_counts_sacked = true }) -- what Linux 6.18 does
