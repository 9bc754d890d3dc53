-- RFC 2018 section 4 has the newest stretch in the first block: what the others tell of, and only now, did not come late for that; no reordering is seen (RFC 8985 6.2), and both holes are lost at once.
local dw = require "drywire"
local MSS = 1460
local function answer(...)
  local blocks = {}
  for i, b in ipairs { ... } do blocks[i] = { 300 + b[1] * MSS, 300 + b[2] * MSS } end
  local sim, client, server, link = dw.pair { delay = "50ms", isn = { 99, 299 }, tcp = { sack = true, recovery = "rack", initial_window = 10 } }
  local conn
  client:spawn(function() client:connect(server, 80, { local_port = 5000 }) end)
  server:spawn(function()
    conn = server:listen(80):accept()
    link:drop { from = server } -- the client's TCP knows nothing of what is injected
    link:inject { at = "300ms", from = client, port = 5000, to = server, to_port = 80, flags = "ACK", seq = 100, ack = 300, window = 65535, options = dw.tcp_option { sack = blocks } }
    server:sleep "100ms"
    conn:send(("x"):rep(10 * MSS))
  end)
  sim:run "351ms"
  local again = {}
  for _, p in ipairs(sim.trace:packets { from = server, after = "349ms" }) do again[#again + 1] = (p.seq - 300) // MSS end
  return table.concat(again, " "), conn:info()
end
-- Segments 0 and 7 of ten are missing.
for _, blocks in ipairs { { { 8, 10 }, { 1, 7 } }, { { 1, 7 }, { 8, 10 } } } do
  local again, info = answer(table.unpack(blocks))
  assert(again == "0 7", again)
  assert(info.reordering == 3 and info.reordering_seen == 0, info.reordering)
end
