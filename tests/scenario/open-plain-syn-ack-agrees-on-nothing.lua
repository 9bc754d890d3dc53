-- A SYN,ACK that went again without options agrees on none (RFC 7323 1.3, RFC 2018 2), unless the ACK shows that an earlier one arrived.
local dw = require "drywire"

-- lose: what the link takes; agreed: what must come of it.
local function open(lose, agreed)
  local sim, client, server, link = dw.pair { delay = "20ms", tcp = { timestamps = true, sack = true, window_scale = true,
    receive_buffer = 200000, syn_plain_after = 1 } }
  lose(link, client, server)
  local got, info
  server:serve(80, function(conn)
    info = conn:info()
    got = conn:recv_all()
    conn:close()
  end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    local mine = conn:info()
    conn:send "hello"
    conn:close()
    assert(mine.wscale_ok == (agreed and 1 or 0))
  end)
  sim:run "10min"
  assert(got == "hello")
  assert(info.wscale_ok == (agreed and 1 or 0) and info.sack == (agreed and 1 or 0))
  local data = sim.trace:packets { from = client, has_data = true }[1]
  assert((dw.tcp_options(data.options).tsval ~= nil) == agreed)
end

-- The first SYN,ACK never arrives: the plain one opens the connection.
open(function(link, _, server) link:drop { from = server, flags = "SYN,ACK", nth = { 1, 2 } } end, false)
-- It did arrive, but the ACKs that say so are lost: the data that comes with a timestamp says so.
open(function(link, client) link:drop { from = client, flags = "=ACK", nth = { 1 } } end, true)
