-- RFC 2525 2.4: a retransmission carries other octets
local dw = require "drywire"
local function run(defect, name)
  local sim, client, server, link = dw.pair { name = name, delay = "20ms", isn = { 99, 299 }, checks = "note", tcp = { defect = defect } }
  local got
  server:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
  link:drop { from = client, has_data = true, nth = 1 }
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send "what was said"; client:sleep "3s"; conn:close()
  end)
  sim:run "10s"
  return sim, got
end
local sim, got = run("", "As it should be")
assert(got == "what was said")
sim, got = run("2525.4", "With the defect 2525.4")
assert(got ~= "what was said")
dw.expect(sim):cause "stream-integrity"
