-- A FIN that comes before the data in front of it is in the SACK block, and a second one is a duplicate (RFC 2018 3, RFC 2883).
local dw = require "drywire"

-- The blocks of the server's ACKs when the client's first data segment is lost.
local function blocks(data, alone, sack_fin)
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 0, 0 },
    tcp = { sack = true, mss = 1000, sack_fin = sack_fin } }
  link:drop { from = client, has_data = true, nth = 1 }
  link:duplicate { from = client, flags = "FIN", by = "10ms" }
  server:serve(80, function(conn) conn:recv_all(); server:sleep "5s"; conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(data))
    if alone then client:sleep "1ms" end
    conn:close()
  end)
  sim:run()
  local all = {}
  for _, p in ipairs(sim.trace:packets { from = server, flags = "=ACK", after = "50ms" }) do
    all[#all + 1] = { ack = p.ack, sack = dw.tcp_options(p.options).sack or {} }
  end
  return all
end

local function is(block, from, to) return block and block[1] == from and block[2] == to end

-- A FIN alone, then with data in front of it.
for _, case in ipairs { { data = 1000, alone = true, from = 1001, to = 1002 }, { data = 1500, from = 1001, to = 1502 } } do
  local acks = blocks(case.data, case.alone)
  assert(acks[1].ack == 1 and is(acks[1].sack[1], case.from, case.to), "the early FIN is not in the block")
  assert(is(acks[2].sack[1], case.from, case.to) and is(acks[2].sack[2], case.from, case.to),
    "the second FIN is no duplicate")
end

-- Where it does not count, the blocks tell of the data alone, as FreeBSD's do.
local acks = blocks(1500, false, false)
assert(is(acks[1].sack[1], 1001, 1501), "the FIN is in the block")
