-- With accept_to_buffer a probe of a closed window may find room that was too little to be offered: its octet is kept, and no rule is broken.
local dw = require "drywire"
local sim, client, server = dw.pair {
  delay = "5ms", buffer = 5283, profile = "rfc793", tcp = { accept_to_buffer = true, round_buffer = true },
}
local got
server:serve(80, function(conn) server:sleep "30s"; got = conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect("server", 80))
  conn:send(("x"):rep(9000))
  conn:close()
end)
sim:run()
assert(#got == 9000)
local first_probe = sim.trace:packets({ from = client, len = 1 })[1]
local function takes_it(p) return p.ack == first_probe.seq + 1 end
assert(sim.trace:count { from = server, before = "30s", when = takes_it } > 0)
