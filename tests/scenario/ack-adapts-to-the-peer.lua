-- Linux's way to delay an ACK: at once while the connection is new, later where an answer will carry it; other
-- profiles count (RFC 9293 3.8.6.3).
local dw = require "drywire"

-- How many ms the server keeps the ACKs of `n` small segments that come one by one; it answers each if `talks`.
local function delays(rule, n, talks)
  local sim, client, server = dw.pair { delay = "1ms", tcp = { delayed_ack_rule = rule, delayed_ack = "200ms" } }
  server:serve(80, function(conn)
    while true do
      local text = conn:recv(100)
      if not text or text == "" then break end
      if talks then conn:send "answer" end
    end
    conn:close()
  end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    for _ = 1, n do
      conn:send "question"
      client:sleep "600ms"
    end
    conn:close()
  end)
  sim:run()
  local waits = {}
  local acks = sim.trace:packets { from = server, flags = "ACK" }
  for _, p in ipairs(sim.trace:packets { from = client, has_data = true }) do
    for _, a in ipairs(acks) do
      if a.ack >= p.seq + p.len and a.time >= p.time then
        waits[#waits + 1] = math.floor((a.time - p.time) * 1000 + 0.5) - 1
        break
      end
    end
  end
  return waits
end

-- Nothing answers: Linux acknowledges the first segments of a connection at once, the rule that counts never does.
for _, wait in ipairs(delays("adapts", 5)) do assert(wait == 0, "an ACK waited while the connection is new") end
for _, wait in ipairs(delays("counts", 5)) do assert(wait == 200, "an ACK alone did not wait") end

-- Each is answered at once, and the answer carries the ACK under both.
for _, rule in ipairs { "adapts", "counts" } do
  for _, wait in ipairs(delays(rule, 5, true)) do assert(wait == 0, rule .. ": the answer carries the ACK") end
end
