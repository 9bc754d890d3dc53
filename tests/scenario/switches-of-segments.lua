-- What the switches of a segment's form do: option_layout, sack, dsack, receive_buffer_most, round_buffer, window_step, ecn, ecn_retries, push_every, reset_acknowledges, drop_signed, udp_port.
local dw = require "drywire"
local function hex(text) return (text or ""):gsub(".", function(c) return ("%02x"):format(c:byte()) end) end
local function run(tcp, program, serve, options)
  local sim, client, server, link = dw.pair { delay = "20ms", checks = "off", tcp = tcp }
  server:serve(80, serve or function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80, options))
    if program then program(conn, sim, link, client) end
    conn:close()
  end)
  sim:run "30s"
  return sim
end
local function syn(sim) return sim.trace:packets({ from = "client", flags = "SYN" })[1] end

-- The layouts: MSS, window scale 6, SACK permitted, and the timestamp.
local all = { sack = true, timestamps = true, receive_buffer_most = "2MiB" }
local wanted = {
  plain = "020405b401030306010104020101080a", linux = "020405b40402080a", freebsd = "020405b4010303060402080a",
}
for layout, begins in pairs(wanted) do
  all.option_layout = layout
  local options = hex(syn(run(all)).options)
  assert(options:sub(1, 8) == "020405b4" and #options % 8 == 0, options)
  if layout ~= "plain" then assert(options:sub(1, #begins) == begins, layout .. " " .. options) end
end
assert(not hex(syn(run {}).options):find "0402")            -- SACK is off in the RFC's profile

-- A lost segment: the receiver tells what it has; a repeated one: what came twice.
for _, dsack in ipairs { true, false } do
  local sim = run({ sack = true, dsack = dsack }, function(conn, _, link, client)
    link:drop { from = client, has_data = true, nth = 2 }
    link:duplicate { from = client, has_data = true, nth = 4, by = "1ms" }
    conn:send(("x"):rep(1460 * 5))
  end)
  local blocks, doubled = 0, 0
  for _, p in ipairs(sim.trace:packets { from = "server", flags = "=ACK" }) do
    local options = hex(p.options)
    if options:find "^0101050a" then blocks = blocks + 1 end
    if options:find "^01010512" then doubled = doubled + 1 end
  end
  assert(blocks > 0, "no SACK block came")
  assert((doubled > 0) == dsack, "duplicates reported: " .. doubled)
end

-- The receive buffer: whole segments, and a window that shows every free octet.
local rounded = run({ round_buffer = true, receive_buffer = 5000 })
local info
run({ round_buffer = true, receive_buffer = 5000 }, function(conn) info = conn:info() end)
assert(info.receive_buffer == 5840, info.receive_buffer)
local windows = {}
for _, step in ipairs { "segment", "any" } do
  local sim = run({ window_step = step, receive_buffer = 5000 }, function(conn, s)
    conn:send(("x"):rep(640))
    conn:drain()
    conn:send "more"
  end)
  for _, p in ipairs(sim.trace:packets { from = "server", flags = "=ACK" }) do windows[step] = p.window end
end
assert(windows.segment < windows.any, windows.segment .. " " .. windows.any)

-- ECN: asked for, answered, and asked for again after a lost SYN or not.
local function bits(p) return (p:has "ECE" and "E" or "") .. (p:has "CWR" and "W" or "") end
for rule, asked in pairs { off = "", ask = "EW", answer = "" } do
  assert(bits(syn(run { ecn = rule })) == asked, rule)
end
local sim = dw.sim {}
local client, server = sim:host("client", { tcp = { ecn = "ask" } }), sim:host("server", { tcp = { ecn = "answer" } })
sim:link(client, server, { delay = "20ms" })
server:serve(80, function(conn) conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  assert(conn:info().ecn == 1)
  conn:send "data"
  conn:close()
end)
sim:run()
assert(bits(sim.trace:packets({ from = server, flags = "SYN" })[1]) == "E")
assert(sim.trace:packets({ from = client, has_data = true })[1].tos == 2)      -- ECT(0)
for retries, again in pairs { [0] = "", [1] = "EW" } do
  local s, c, _, l = dw.pair { delay = "20ms", tcp = { ecn = "ask", ecn_retries = retries } }
  l:drop { from = c, flags = "=SYN,ECE,CWR", nth = 1 }
  c:spawn(function() c:connect("server", 80) end)
  s:run "5s"
  assert(bits(s.trace:packets({ from = c, flags = "SYN" })[2]) == again, retries)
end

-- PSH at the end of what a network card takes at once; a RST that acknowledges.
for every, most in pairs { [0] = 1, [2] = 2 } do
  local s = run({ push_every = every, initial_window = 10 }, function(conn) conn:send(("x"):rep(1460 * 6)) end)
  assert((#s.trace:packets { from = "client", flags = "PSH" } >= most) == true)
  assert((#s.trace:packets { from = "client", flags = "PSH" } > 1) == (every > 0), every)
end
for _, acknowledges in ipairs { true, false } do
  local s = run({ reset_acknowledges = acknowledges }, function(conn) conn:reset() end)
  local rst = s.trace:packets({ from = "client", flags = "RST" })[1]
  assert(rst:has "ACK" == acknowledges)
end

-- A signature of which no key is known, and the end of a record.
for _, drop in ipairs { true, false } do
  local s, c, srv, link = dw.pair { delay = "20ms", isn = { 99, 299 }, checks = "off", tcp = { drop_signed = drop } }
  local got
  srv:serve(80, function(conn) got = conn:recv(); conn:close() end)
  c:spawn(function()
    local conn = assert(c:connect(srv, 80, { local_port = 5000 }))
    link:inject { "P. 1:4(3) ack 1 win 9000 <md5 0123456789abcdef0123456789abcdef,nop,nop>", from = c, to = srv, port = 5000, to_port = 80 }
    c:sleep "1s"
    conn:reset()
  end)
  s:run()
  assert((got ~= nil) == not drop)
  dw.expect(srv):cause("signed", drop and 1 or 0)
end
for _, record in ipairs { true, false } do
  local s = run({ nagle = false }, function(conn)
    conn:send(("x"):rep(4380))
    conn:send("one", { record = record })
    conn:send "two"
  end)
  local small = {}
  for _, p in ipairs(s.trace:packets { from = "client", has_data = true }) do
    if p.len < 1460 then small[#small + 1] = p.len end
  end
  assert(table.concat(small, " ") == (record and "3 3" or "6"), table.concat(small, " "))
end

-- TCP in UDP, as FreeBSD tunnels it, between two hosts that both know the port.
local got
local s = dw.sim {}
local there = { tcp = { udp_port = 9811 }, udp = { tcp_port = 9811 } }
local a, b = s:host("a", there), s:host("b", there)
s:link(a, b, { delay = "5ms" })
b:serve(80, function(conn) got = conn:recv_all(); conn:close() end)
a:spawn(function()
  local conn = assert(a:connect(b, 80, { udp_port = 9811 }))
  conn:send(("x"):rep(4000)); conn:close()
end)
s:run()
assert(#got == 4000)
assert(#s.trace:packets { from = a, flags = "SYN" } == 0)     -- on the wire it is UDP
