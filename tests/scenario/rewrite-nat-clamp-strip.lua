-- A rule rewrites addresses, ports and TCP options with right checksums; behind a NAT both ends see the connection they have, in every picture (RFC 1624, RFC 3022).
local dw = require "drywire"

local function world(opts, rules)
  opts.seed = 3
  local sim = dw.sim(opts)
  local v6 = opts.name == "v6"
  local client = sim:host("client", { isn = 1000, addr = v6 and "2001:db8::1" or nil })
  local second = sim:host("second", { isn = 7000, addr = v6 and "2001:db8::2" or nil })
  local router = sim:host("router", { addr = v6 and "2001:db8::3" or nil, more_addrs = { v6 and "2001:db8:1::1" or "203.0.113.1" } })
  local server = sim:host("server", { isn = 5000, addr = v6 and "2001:db8:2::1" or nil })
  sim:link(client, router, { delay = "5ms" })
  sim:link(second, router, { delay = "5ms" })
  local link = sim:link(router, server, { delay = "5ms" })
  rules(link, client, second, server)
  server:serve(80, function(conn) conn:send(conn:recv_all()); conn:close() end)
  local heard = {}
  for i, host in ipairs { client, second } do
    host:spawn(function()
      local conn = host:connect(server, 80, { local_port = 5000, timeout = "20s" })
      if not conn then return end
      conn:send(("%d"):format(i):rep(3000)); conn:shutdown()
      heard[i] = conn:recv_all()
      conn:close()
    end)
  end
  sim:run()
  return sim, heard, client, server
end

-- Two hosts behind one address, from equal ports: each gets its own answers; what is summed up on the way in stays right.
for _, name in ipairs { "v4", "v6" } do
  local sim, heard, client, server = world({ name = name }, function(link, client, second)
    local outside = name == "v6" and "2001:db8:1::1" or "203.0.113.1"
    link:rewrite { to = "server", set = { src = outside, src_port = 40000 }, back = true }
    link:corrupt { from = "server", has_data = true, nth = 1 } -- a damage before or behind it is found all the same
  end)
  assert(heard[1] == ("1"):rep(3000) and heard[2] == ("2"):rep(3000))
  dw.expect(sim):cause("tcp-bad-checksum", 1)
  dw.expect(client):states "CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED"
  dw.expect(server:conn(1)):states "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED"
  -- The same packet, not a forged one; numbers are relative on both sides of the NAT, and nobody alive is CLOSED.
  local ladder = sim.trace:ladder { style = "ascii" }
  assert(ladder:find "SYN,ACK seq=0 ack=1 rewritten %-%-| SYN%-RECEIVED", ladder)
  assert(ladder:find "ESTABLISHED |<%-" and ladder:find "| CLOSE%-WAIT" and not ladder:find "o%-", ladder)
end

-- An MSS clamp lowers and never raises; a stripped option was never asked for.
local sim, heard = world({ tcp = { timestamps = true, sack = true, window_scale = true } }, function(link)
  link:rewrite { flags = "SYN", set = { mss_at_most = 900, strip = { "timestamps", "sack_permitted", 3 } } }
end)
assert(#heard[1] == 3000)
for _, p in ipairs(sim.trace:packets { has_data = true }) do assert(p.len <= 900) end
for _, p in ipairs(sim.trace:packets { from = "server", has_data = true }) do assert(not dw.tcp_options(p.options).tsval) end
local sim = world({}, function(link) link:rewrite { flags = "SYN", set = { mss_at_most = 9000 } } end)
assert(#sim.trace:packets { len = 1460 } > 0)
local sim = world({ tcp = { window_scale = true } }, function(link) link:rewrite { flags = "SYN", set = { mss = 536, window_scale = 2 } } end)
assert(#sim.trace:packets { len = 536 } > 0 and #sim.trace:packets { len = { 537, 9999 } } == 0)

-- A box that forgets TCP's checksum is found out by the receiver.
local sim, heard, client, server = world({}, function(link)
  link:rewrite { from = "client", set = { src = "203.0.113.1" }, back = true, checksum = "keep" }
end)
assert(not heard[1] and #heard[2] == 3000)
dw.expect(server):cause "tcp-bad-checksum"

-- What cannot be is refused where it is asked for.
local sim, a, b, link = dw.pair {}
for message, rule in pairs {
  ["did you mean \"mss_at_most\""] = { set = { mss_at_mots = 3 } },
  ["did you mean \"timestamps\""] = { set = { strip = "timestamp" } },
  ["there is no host \"clinet\"; did you mean \"client\""] = { set = { src = "clinet" } },
  ["no host can have that address"] = { set = { dst = "224.0.0.1" } },
  ["different families"] = { set = { src = "10.0.0.9", dst = "::9" } },
  ["mss: 70000 is outside 0 to 65535"] = { set = { mss = 70000 } },
  ["an option's kind is from 2 to 255"] = { set = { strip = 1 } },
  ["not \"kept\""] = { set = { window = 1 }, checksum = "kept" },
} do
  local ok, why = pcall(link.rewrite, link, rule)
  assert(not ok and why:find(message, 1, true), why)
end
assert(not pcall(a.rewrite, a, { set = { src = b }, back = true }))
