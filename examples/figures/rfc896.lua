-- RFC 896: Nagle's algorithm, one small segment at a time
local dw = require "drywire"
local function run(nagle, name)
  local sim, client, server = dw.pair { name = name, delay = "50ms", isn = { 99, 299 }, tcp = { nagle = nagle, delayed_ack = "0s" } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    for key in ("telnet"):gmatch "." do conn:send(key); client:sleep "20ms" end
    conn:close()
  end)
  sim:run()
  return sim.trace:count { from = client, has_data = true }
end
local without, with = run(false, "Without: a segment for every key"), run(true, "With Nagle's algorithm")
assert(without == 6 and with == 2)
