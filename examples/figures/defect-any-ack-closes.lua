-- Why only the ACK of the FIN closes: any other, and lost data is never sent again
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  local got
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  link:drop { from = client, has_data = true, nth = 3 }
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send(("x"):rep(4000)); conn:close()
  end)
  sim:run "30s"
  return got
end
assert(#run("", "As it should be") == 4000)
assert(run("any-ack-closes", "With the defect any-ack-closes") == nil)                    -- the end of the stream never comes
