-- P16: the search for the path MTU (RFC 4821): probes among the data find what the path takes, without a word of ICMP; a lost one costs no window. When the way is wider later, that is found, too.
local dw = require "drywire"
local function run(profile, tcp)
  tcp.mtu_probing, tcp.congestion_control = "always", "reno"
  tcp.probe_threshold = tcp.probe_threshold or "8B"
  tcp.probe_interval = "3s"
  local sim = dw.sim { profile = profile, tcp = tcp }
  local a, r, q, b = sim:host "a", sim:host "r", sim:host "q", sim:host "b"
  sim:link(a, r, { delay = "5ms" })
  local narrow = sim:link(r, q, { delay = "5ms", rate = "20Mbps", mtu = 1300 })
  sim:link(q, b, { delay = "5ms" })
  r:drop { flags = "fragmentation-needed" }
  b:serve(80, function(conn) conn:recv_all(); conn:close() end)
  local found, wider
  a:spawn(function()
    local conn = assert(a:connect(b, 80))
    local options = conn:info().timestamps == 1 and 12 or 0
    assert(conn:info().snd_mss == tonumber((tcp.base_mss or "1024B"):match "%d+"))
    for _ = 1, 100 do conn:send(("x"):rep(20000)); a:sleep "50ms" end
    found = conn:info().snd_mss + options
    narrow:set { mtu = 1500 }
    for _ = 1, 100 do conn:send(("x"):rep(20000)); a:sleep "50ms" end
    wider = conn:info().snd_mss + options
    conn:close()
  end)
  sim:run "120s"
  local range = tonumber(tcp.probe_threshold:match "%d+")
  assert(found <= 1260 and found > 1260 - range, found)
  assert(wider > 1460 - range, wider)
  dw.expect(a):cause "mtu-probe"
  dw.expect(a):cause "mtu-probe-lost"
  return sim
end
run("linux", {})
run("linux", { probe_threshold = "64B", base_mss = "600B" })
run("rfc9293", { send_buffer = "200KiB", receive_buffer = "200KiB" })
run("freebsd", {})
