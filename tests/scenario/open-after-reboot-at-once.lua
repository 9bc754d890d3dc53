-- O15: the SYN after that RST waits for the timer, or goes at once where the switch says so (syn_retry, Linux).
local dw = require "drywire"
local function run(rule)
  local sim, client, server = dw.pair { delay = "20ms", tcp = { syn_retry = rule } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  local took
  local function open()
    local from = sim:now()
    assert(client:connect(server, 80, { local_port = 5000 }))
    took = sim:now() - from
  end
  client:spawn(open)
  sim:at("1s", function() client:crash() end)
  sim:at("2s", function() client:spawn(open) end)
  sim:run "20s"
  return took
end
assert(run "timer" > 1)
assert(run "at-once" < 0.2)
