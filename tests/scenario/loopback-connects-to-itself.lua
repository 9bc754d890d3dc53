-- A connection from a port to the same port of the same host meets its own SYN: a simultaneous open with itself (RFC 9293 3.5), which is its own peer.
local dw = require "drywire"
local profiles = { "rfc9293", "linux", "freebsd", "rfc793", "embedded" }
for _, profile in ipairs(profiles) do
  local sim = dw.sim { profile = profile }
  local a = sim:host("a", { isn = 99 })
  local got
  a:spawn(function()
    -- What happens by chance where a client tries the ports of its own range until a server is up.
    local conn = assert(a:connect("localhost", 50000, { local_port = 50000, local_addr = "127.0.0.1" }))
    conn:send "to myself"; conn:shutdown()
    got = conn:recv_all()
    conn:close()
  end)
  sim:run()
  assert(got == "to myself", profile)
  dw.expect(a):states "CLOSED SYN-SENT SYN-RECEIVED ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT CLOSED"
  dw.expect(sim):never { flags = "RST" }
  if profile == "rfc9293" then
    dw.expect(sim):figure [[
          a:50000
      1.  CLOSED
      2.  SYN-SENT     --> <SEQ=99><CTL=SYN>                 ...
      3.  SYN-RECEIVED <-- <SEQ=99><CTL=SYN>                 ...
      4.  SYN-RECEIVED --> <SEQ=99><ACK=100><CTL=SYN,ACK>    ...
      5.  ESTABLISHED  <-- <SEQ=99><ACK=100><CTL=SYN,ACK>    ...
          ...
    ]]
    -- One lifeline, to which everything comes back.
    local ladder = sim.trace:ladder { style = "ascii" }
    assert(ladder:find "\n +0.000000 +SYN%-SENT |%-%- #1 SYN seq=0 %-+%.\n +0.000000 +SYN%-RECEIVED |<%-+'\n", ladder)
    for line in ladder:gmatch "[^\n]+" do assert(#line < 80, line) end
    assert(sim.trace:ladder({ style = "plantuml" }):find "A %-> A : SYN,ACK")
  end
end
