-- W5 from Lua: whole experiments, each built, run through TIME-WAIT and thrown away.
local dw = require "drywire"
local times, kilobyte = 5000, ("x"):rep(1000)
local clock = os.clock                                 -- outside a simulation the real one
local before = clock()
for _ = 1, times do
  local sim, client, server = dw.pair { delay = "10ms", rate = "1Gbps" }
  server:serve(9, function(conn)
    conn:send(assert(conn:recv()))
    conn:recv()
    conn:close()
  end)
  client:spawn(function()
    local conn = assert(client:connect(server, 9))
    conn:send(kilobyte)
    assert(#conn:recv() == 1000)
    conn:close()
  end)
  sim:run()
  sim:close()
end
local took = clock() - before
print(("%-12s %14d units %9.3f s %10.1f ns/unit"):format("W5-lua", times, took, took / times * 1e9))
