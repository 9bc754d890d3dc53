-- What the host's own queue refuses has not been sent (Linux): it is tried again after local_drop_probe, the timeout is not doubled for it, and nothing counts as retransmitted; without that switch it is lost like anything else.
local dw = require "drywire"
local function run(profile, tcp, check)
  local sim = dw.sim { profile = profile, tcp = tcp }
  local a, b = sim:host "a", sim:host "b"
  local link = sim:link(a, b, { delay = "10ms" })
  local got = 0
  b:serve(80, function(conn) for data in conn:chunks() do got = got + #data end; conn:close() end)
  a:spawn(function()
    local conn = assert(a:connect(b, 80))
    conn:send(("x"):rep(1000)); a:sleep "1s"
    link:set { to_b = { refuses = true } }
    conn:send(("y"):rep(1000)); a:sleep "1.2s"
    check(conn:info())
    link:set { to_b = { refuses = false } }
    conn:close()
  end)
  sim:run "30s"
  assert(got == 2000)
  return sim
end
-- New data waits in the queue of TCP.
for _, profile in ipairs { "linux", "rfc9293", "freebsd" } do
  local sim = run(profile, { local_drop_probe = "500ms" }, function(info) assert(info.flight == 0 and info.unsent == 1000) end)
  local data = sim.trace:packets { from = "a", has_data = true }
  assert(#data == 2, #data)
  assert(data[2].time < data[1].time + 1 + 1.2 + 0.55)
  dw.expect(sim:host "a"):cause "local-drop"
  assert((sim.trace:drops()["queue-refuses"] or 0) == 0)
end
-- Elsewhere it was sent, and lost.
local sim = run("rfc9293", {}, function(info) assert(info.flight == 1000 and info.retransmits >= 1) end)
assert(sim.trace:drops()["queue-refuses"] >= 2)
