-- RFC 2525 2.18: the MSS leaves no room for options
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect, timestamps = true } }
  local got
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(5000)); conn:close()
  end)
  sim:run "3s"
  return got
end
assert(#run("", "As it should be") == 5000)
assert(run("2525.18", "With the defect 2525.18") == nil)                    -- full segments do not fit the path
