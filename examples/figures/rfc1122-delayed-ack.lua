-- RFC 1122 section 4.2.3.2: the delayed ACK rides on the answer
local dw = require "drywire"
local function run(delay, name)
  local sim, client, server = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, tcp = { delayed_ack = delay } }
  server:serve(80, function(conn)
    conn:recv(); server:sleep "50ms"; conn:send "answer"
    conn:recv_all(); conn:close()
  end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send "question"; conn:recv(); conn:close()
  end)
  sim:run "120ms"
  return sim.trace:count { from = server, flags = "=ACK" }
end
assert(run("0s", "At once") == 1)
assert(run("200ms", "Delayed: the answer carries the ACK") == 0)
