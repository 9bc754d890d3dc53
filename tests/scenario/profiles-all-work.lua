-- Every profile carries a transfer through loss and an orderly close, alone and against every other.
local dw = require "drywire"
local names = { "rfc9293", "linux", "freebsd", "rfc793", "embedded" }
for _, a in ipairs(names) do
  for _, b in ipairs(names) do
    local sim = dw.sim { seed = 7 }
    local client, server = sim:host("client", { tcp = { profile = a } }), sim:host("server", { tcp = { profile = b } })
    sim:link(client, server, { delay = "20ms", loss = "3%" })
    local got
    server:serve(80, function(conn) got = conn:recv_all(); conn:send "thanks"; conn:close() end)
    client:spawn(function()
      local conn = assert(client:connect(server, 80))
      conn:send(("0123456789"):rep(3000)); conn:shutdown()
      assert(conn:recv_all() == "thanks"); conn:close()
    end)
    sim:run()
    assert(got == ("0123456789"):rep(3000), a .. " to " .. b)
  end
end
