-- RFC 2525 2.16: data after a full close is swallowed
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  local why
  server:serve(80, function(conn)
    conn:recv_all(); server:sleep "100ms"
    for _ = 1, 3 do conn:send "is anybody there?"; server:sleep "100ms" end
    why = select(2, conn:send "and now?")
  end)
  client:spawn(function() assert(client:connect(server, 80)):close() end)
  sim:run "2s"
  return why
end
assert(run("", "As it should be") == "reset")
assert(run("2525.16", "With the defect 2525.16") == nil)                    -- it never learns that nobody reads
