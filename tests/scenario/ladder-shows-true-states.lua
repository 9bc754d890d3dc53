-- A segment that no connection sent (forged, copied, an answer to a stray) says nothing of the host whose address it bears: pictures go on showing its state.
local dw = require "drywire"

-- Lines of every text style in which a host that is up and has a connection is called CLOSED before it is.
local function closed_lines(sim, pattern)
  local wrong = {}
  for _, style in ipairs { "unicode", "ascii" } do
    for line in sim.trace:ladder { style = style }:gmatch "[^\n]+" do
      if line:find(pattern) and line:find "CLOSED" then wrong[#wrong + 1] = style .. ": " .. line end
    end
  end
  return wrong
end

local function world(inject)
  local sim, client, server, link = dw.pair { delay = "20ms", isn = { 1000, 5000 } }
  server:serve(80, function(conn) conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = client:connect(server, 80, { local_port = 5000 })
    client:sleep "1s"
    conn:close()
  end)
  inject(sim, client, server, link)
  sim:run()
  return sim
end

-- Forged in either direction, a copy made on the way, and a forged one that the host answers with a challenge.
local forged = {
  { flags = "ACK", seq = 1001, ack = 9000 },
  { flags = "SYN", seq = 77 },
  { flags = "RST", seq = 500000 },
}
for _, segment in ipairs(forged) do
  for _, reverse in ipairs { false, true } do
    local sim = world(function(sim, client, server, link)
      sim:at("500ms", function()
        link:inject { from = reverse and server or client, to = reverse and client or server,
          port = reverse and 80 or 5000, to_port = reverse and 5000 or 80,
          flags = segment.flags, seq = segment.seq, ack = segment.ack }
      end)
    end)
    local wrong = closed_lines(sim, "^ *0%.5")
    assert(#wrong == 0, table.concat(wrong, "\n"))
  end
end
local sim = world(function(_, client, _, link) link:duplicate { from = client, flags = "=ACK", nth = 1, by = "100ms" } end)
local wrong = closed_lines(sim, "^ *0%.1")
assert(#wrong == 0, table.concat(wrong, "\n"))
assert(not sim.trace:ladder { style = "mermaid" }:match "ESTABLISHED(.-)FIN":find "CLOSED")

-- What concerns no connection, nor a listener, says nothing of a host that has one: other ports, a closed port, and the
-- answers to them.  In no picture is a host called CLOSED before it is.
local sim = world(function(sim, client, server, link)
  for i, p in ipairs {
    { from = server, to = client, port = 5000, to_port = 5000, flags = "ACK" },
    { from = client, to = server, port = 6000, to_port = 80, flags = "RST" },
    { from = client, to = server, port = 6000, to_port = 99, flags = "SYN" },
    { from = client, src = "192.0.2.7", to = server, port = 5000, to_port = 80, flags = "ACK" },
    { from = client, src = "192.0.2.7", to = server, port = 5000, to_port = 99, flags = "SYN" },
  } do
    p.at, p.seq, p.ack = (0.4 + i / 10) .. "s", 1, 1
    link:inject(p)
  end
end)
for _, style in ipairs { "unicode", "ascii", "rfc", "mermaid", "plantuml", "mscgen" } do
  local text, established, closing = sim.trace:ladder { style = style }, nil, nil
  established = select(2, text:find "ESTABLISHED.-ESTABLISHED")
  closing = text:find "FIN%-WAIT%-1"
  assert(not text:sub(established, closing):find "CLOSED", style .. ":\n" .. text)
end
-- But of one that has none it does: the answer of a closed port comes from CLOSED (RFC 9293 3.10.7.1).
local sim, client, server = dw.pair {}
client:spawn(function() assert(not client:connect(server, 80)) end)
sim:run()
assert(sim.trace:ladder { style = "ascii" }:find "RST,ACK seq=%-?%d+ ack=1 %-%-| CLOSED")

-- A call tells the state that its connection has.
local sim, client, server = dw.pair {}
server:serve(80, function(conn) conn:set { receive_buffer = "8KiB" }; conn:recv_all(); conn:close() end)
client:spawn(function()
  local conn = assert(client:connect(server, 80))
  client:sleep "1s"
  conn:set { receive_buffer = "9KiB" }
  conn:close()
end)
sim:run()
for line in sim.trace:ladder { calls = true, style = "ascii" }:gmatch "[^\n]+" do
  assert(not (line:find "receive_buffer" and line:find "CLOSED"), line)
end
