-- P13: a hard ICMP error aborts, a soft one is reported, and what a switch makes of both (RFC 9293 3.9.2.2).
local dw = require "drywire"
dw.covers("MUST-47", "MUST-54", "MUST-56", "SHLD-25", "SHLD-26")
local function run(error, tcp, opening)
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 99, 299 }, tcp = tcp }
  if not opening then server:serve(80, function(conn) conn:recv() end) else link:drop { from = server } end
  local reports = {}
  client:spawn(function()
    local conn = client:connect(server, 80, { local_port = 5000 })
    if not conn then return end
    conn:on_report(function(what) reports[#reports + 1] = what end)
    client:sleep "990ms"
    link:drop { from = client }
    conn:send "hello"
  end)
  link:inject { at = opening and "10ms" or "1.1s", protocol = "icmp", flags = error, from = server, to = client, port = 5000, to_port = 80, seq = opening and 99 or 100 }
  sim:run "1.9s"
  return client:conn():state(), reports[1]
end
assert(run "port-unreachable" == "CLOSED")
assert(run("port-unreachable", { icmp_hard = "opening" }) == "ESTABLISHED")
assert(run("port-unreachable", { icmp_hard = "opening" }, true) == "CLOSED")
local state, report = run "host-unreachable"
assert(state == "ESTABLISHED" and report == "unreachable")
state, report = run "time-exceeded"
assert(state == "ESTABLISHED" and report == "time-exceeded")
state, report = run "parameter-problem"
assert(state == "ESTABLISHED" and report == "parameter-problem")
assert(run("host-unreachable", nil, true) == "SYN-SENT")
assert(run("host-unreachable", { icmp_soft = "abort-opening" }, true) == "CLOSED")
