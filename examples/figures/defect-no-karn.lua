-- Why Karn's algorithm: a sample from a retransmitted segment spoils the estimate
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    client:sleep "1s"
    link:set { delay = "2s" }                        -- the path is slow now: every segment is sent twice
    conn:send "x"; client:sleep "20s"
    conn:close()
  end)
  sim:run "15s"
  return client:conn():info().srtt_ns / 1e9
end
local before = run("", "As it should be")
local spoilt = run("no-karn", "With the defect no-karn")
assert(before < 0.05)                 -- no clean sample yet, and the timeout stays backed off
assert(spoilt > 0.05 and spoilt < 4)  -- the ACK of the first is timed from the second: neither this nor that
