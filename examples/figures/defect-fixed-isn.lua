-- Why sequence numbers must not begin alike: old data fits the next connection
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", checks = "note", tcp = { defect = defect } }
  local got
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  link:duplicate { from = client, has_data = true, nth = 1, by = "1500ms" }
  client:spawn(function()
    local conn = assert(client:connect(server, 80, { local_port = 5000 }))
    conn:send "pay 100 "; conn:close()
    client:sleep "1s"
    client:crash()                                   -- it forgets TIME-WAIT, too
  end)
  sim:at("1.2s", function()
    client:spawn(function()
      local conn = assert(client:connect(server, 80, { local_port = 5000 }))
      client:sleep "500ms"; conn:close()
    end)
  end)
  sim:run "20s"
  return got
end
assert(run("", "As it should be") == "")
assert(run("fixed-isn", "With the defect fixed-isn") == "pay 100 ")             -- paid twice
