-- TCP Fast Open: the first connection asks for a cookie, the next brings data with its SYN (RFC 7413).
local dw = require "drywire"
local sim, client, server = dw.pair { delay = "20ms", tcp = { fast_open = true } }
local got = {}
server:serve(80, function(conn) local data = conn:recv(); got[#got + 1] = { data, sim:now() }; conn:send "answer"; conn:recv_all(); conn:close() end)
client:spawn(function()
  for i = 1, 2 do
    client:sleep(i - sim:now())
    local conn = assert(client:connect(server, 80, { data = "question" }))
    assert(conn:recv() == "answer")
    conn:close()
  end
end)
sim:run()
assert(got[1][1] == "question" and got[2][1] == "question")
assert(got[1][2] - 1 > 0.05 and got[2][2] - 2 < 0.021)       -- three trips, then one
dw.expect(sim):packets({ from = client, flags = "=SYN", has_data = true }, 1)
dw.expect(server):cause("fast-open", 1)
