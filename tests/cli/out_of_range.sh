#!/bin/bash
# A value that has no room where it would go is refused at the script's line, never cut.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
cat >t.lua <<'EOL'
local dw = require "drywire"
local sim, a, b, link = dw.pair()
local function refused(what, ...)
  local ok, problem = pcall(...)
  assert(not ok, what .. " was taken")
  print((problem:gsub("^t.lua:%d+: ", "", 1)))
  assert(problem:match "^t.lua:%d+: ", problem)
end
for field, most in pairs { seq = 0xffffffff, ack = 0xffffffff, window = 65535, urgent = 65535, src_port = 65535,
  dst_port = 65535, ttl = 255, tos = 255 } do
  link:rewrite { from = a, set = { [field] = most } }:cancel()
  for _, value in ipairs { most + 1, -1 } do
    refused(field, function() link:rewrite { from = a, set = { [field] = value } } end)
    refused(field, function() a:rewrite { set = { [field] = value } } end)
  end
end
for field, most in pairs { seq = 0xffffffff, ack = 0xffffffff, window = 65535, urgent = 65535, port = 65535,
  to_port = 65535, ttl = 255, tos = 255 } do
  local packet = { from = a, to = b, port = 1, to_port = 2 }
  packet[field] = most + 1
  refused(field, function() link:inject(packet) end)
end
for _, addr in ipairs { "0.0.0.0", "127.0.0.1", "127.9.9.9", "224.0.0.1", "239.1.1.1", "255.255.255.255", "::", "::1", "ff02::1" } do
  refused(addr, function() sim:host("one " .. addr, { addr = addr }) end)
  refused(addr, function() sim:host("more " .. addr, { more_addrs = { addr } }) end)
end
for _, addr in ipairs { " 10.9.0.1", "+10.9.0.1", "10.9.0.01", "10.9.0", "10.9.0.1 ", "10.9.0.256" } do
  refused(addr, function() sim:host("odd " .. addr, { addr = addr }) end)
end
refused("a mixed packet", function() link:inject { from = a, to = b, port = 1, to_port = 2, seq = 1, src = "2001:db8::1" } end)
refused("no name", function() sim:host("c", { tcp = { [""] = 1 } }) end)
refused("no name", function() sim:host("d", { udp = { [""] = 1 } }) end)
refused("no name", function() dw.sim { tcp = { [""] = 1 } } end)
refused("an empty range", function() link:drop { len = { 5, 1 } } end)
refused("an empty time", function() link:drop { after = "5s", before = "5s" } end)
link:drop { seq = { 0xffffff00, 10 } }:cancel() -- around the circle
EOL
run 'values out of range' 0 "$DRYWIRE" run -q t.lua
prints 'link:rewrite: window: 65536 is outside 0 to 65535'
prints 'host:rewrite: ttl: 256 is outside 0 to 255'
prints 'host.addr: no host can have the address 127.0.0.1'
prints 'host.more_addrs: no host can have the address ff02::1'
prints 'link:inject: its addresses are of different families'
prints 'an option of host.tcp has an empty name'
prints 'link:drop.len: the lowest, 5, is above the highest, 1'
prints 'no packet is sent after `after` and before `before`'
finish
