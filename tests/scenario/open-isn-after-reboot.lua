-- O16: two incarnations begin with other sequence numbers, by clock and secret (RFC 9293 3.4.1, RFC 6528).
local dw = require "drywire"
dw.covers("MUST-8", "MUST-9", "SHLD-1")
-- Same seed, same ports: M moves on by one every 4 us; another seed, another secret.
local function isns(seed)
  local sim, client, server = dw.pair { delay = "20ms", seed = seed }
  server:serve(80, function(conn) conn:recv_all() end)
  local function open() assert(client:connect(server, 80, { local_port = 5000 })) end
  client:spawn(open)
  sim:at("1s", function() client:crash(); server:crash() end)
  sim:at("2s", function()
    server:serve(80, function(conn) conn:recv_all() end)
    client:spawn(open)
  end)
  sim:run "3s"
  local syns = sim.trace:packets { from = client, flags = "=SYN" }
  return syns[1].seq, syns[2].seq
end
local first, second = isns(1)
assert((second - first) % 2^32 == 2000000 / 4)
assert(isns(2) ~= first)
assert(isns(1) == first)   -- and the run repeats
