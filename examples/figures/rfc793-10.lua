-- RFC 793 figure 10: half-open connection discovery, with a SYN that falls into the window
local dw = require "drywire"
local function run(profile, name)
  local sim, client, server = dw.pair { name = name, delay = "20ms", isn = { { 99, 400 }, { 299, 500 } }, profile = profile }
  server:serve(80, function(conn) conn:recv() end)
  local function open() client:connect(server, 80, { local_port = 5000 }) end
  client:spawn(open)
  sim:at("1s", function() client:crash(); client:spawn(open) end)
  sim:run "1500ms"
  return sim, server
end
local sim, server = run("rfc793", "RFC 793: a SYN in the window resets")
assert(server:conn():state() == "CLOSED")
sim, server = run("rfc9293", "RFC 9293: it is challenged, and the RST that follows proves it")
assert(server:conn():state() == "CLOSED")
dw.expect(server):cause("challenge-ack")
