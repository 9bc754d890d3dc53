-- An orphan gives up sooner than a user's connection on Linux: eight retries' time, or orphan_retries; the RFC's R2 knows no difference (retries_by_time).
local dw = require "drywire"
local function last_fin(how, tcp)
  local sim, client, server, link = dw.pair { delay = "1ms", profile = "linux", tcp = tcp }
  server:serve(80, function(conn)
    server:sleep "100ms"
    if how == "close" then conn:close() else conn:shutdown(); server:sleep "1h" end
  end)
  client:spawn(function() client:connect(server, 80); client:sleep "1h" end)
  sim:at("50ms", function() link:down() end)
  sim:run "50min"
  local fins = sim.trace:packets { from = server, flags = "FIN" }
  return fins[#fins].time
end
local user = last_fin "shutdown"
assert(user > 600 and user < 1000, user)
assert(last_fin "close" > 40 and last_fin "close" < 130, last_fin "close")
assert(last_fin("close", { orphan_retries = 3 }) < 5)
assert(last_fin("close", { retries_by_time = false }) > 600)
-- The time counts, not the number: a least timeout of 2 s is retried as long as data_retries of the least are.
local slow = last_fin("shutdown", { rto_min = "2s" })
assert(slow > user, slow)

-- FIN-WAIT-2 of an orphan lasts three and a half timeouts at least (finwait2_rto).
local function fin_wait_2(tcp)
  local sim, client, server = dw.pair { delay = "1s", profile = "linux", tcp = tcp }
  server:serve(80, function(conn) conn:recv_all(); server:sleep "1h" end)
  client:spawn(function() client:connect(server, 80):close() end)
  local from, to
  client:on_state("FIN-WAIT-2", function() from = sim:now() end)
  client:on_state("CLOSED", function() to = sim:now() end)
  sim:run "30min"
  return to - from
end
assert(fin_wait_2 { finwait2_timeout = "1s" } > 5)
assert(fin_wait_2 { finwait2_timeout = "1s", finwait2_rto = false } == 1)
