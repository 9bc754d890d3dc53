-- What a TCP owes its peer, asked of whatever speaks for the host "device": each case names the rule.
--
--     drywire test --stack device=./my.so examples/stacks/judge.lua
--
-- All is seen from the wire and from programs.  Without --stack it is drywire's own TCP that is asked, and passes.
local dw = require "drywire"

-- Two hosts and a link: case(sim, device, peer, link) says what they do and returns what must hold afterwards.  The
-- simulation is closed whatever happens, for a process has room for ten stacks or so.
local function judge(name, case)
  dw.test(name, function()
    local sim <close> = dw.sim {}
    local device, peer = sim:host "device", sim:host "peer"
    local link = sim:link(device, peer, { delay = "10ms" })
    local holds = case(sim, device, peer, link)
    sim:run()
    if holds then holds() end
  end)
end

-- The device serves port 80, and the peer connects to it from port 40000.
local function served(device, peer, serve, client)
  device:serve(80, serve)
  peer:spawn(function() client(assert(peer:connect(device, 80, { local_port = 40000 }))) end)
end

local function echo(conn)
  conn:send(conn:recv_all())
  conn:close()
end

-- The connection works: an echo of five octets comes back.
local function lives(conn)
  conn:send "hello"
  conn:shutdown()
  assert(conn:recv_all() == "hello", "the connection is gone")
  conn:close()
end

-- A segment of that connection that the peer has not sent; numbers go on from what was sent ("P. 1:4(3) ack 1").
local function inject(link, peer, device, segment)
  link:inject { segment, from = peer, to = device, port = 40000, to_port = 80 }
end

-- The device gets a segment that it has to answer by an ACK, and lives on.
local function challenged(sim, device, peer, link, segment)
  served(device, peer, echo, function(conn)
    segment(conn)
    peer:sleep "1s"
    lives(conn)
  end)
  return function()
    assert(sim.trace:count { from = device, flags = "=ACK", before = "1s" } >= 1, "it was not answered by an ACK")
  end
end

local function no_reset(sim, device)
  return function() assert(sim.trace:count { from = device, flags = "RST" } == 0, "it was answered by a reset") end
end

judge("SYN to a closed port: RST,ACK of it (3.10.7.1)", function(_, device, peer)
  local why
  device:serve(80, echo)
  peer:spawn(function() local _; _, why = peer:connect(device, 81) end)
  return function() assert(why == "refused", why) end
end)

judge("SYN lost: sent again (MUST-20)", function(_, device, peer, link)
  link:drop { from = device, flags = "SYN", nth = 1 }
  peer:serve(80, echo)
  device:spawn(function() lives(assert(device:connect(peer, 80))) end)
end)

judge("SYN,ACK lost: sent again (MUST-20)", function(_, device, peer, link)
  link:drop { from = device, flags = "SYN", nth = 1 }
  served(device, peer, echo, lives)
end)

judge("data lost: sent again (MUST-20)", function(_, device, peer, link)
  link:drop { from = device, has_data = true, nth = 1 }
  served(device, peer, echo, lives)
end)

judge("FIN lost: sent again (3.8.1)", function(_, device, peer, link)
  link:drop { from = device, flags = "FIN", nth = 1 }
  served(device, peer, echo, lives)
end)

judge("data damaged: not taken (MUST-3)", function(_, device, peer, link)
  link:corrupt { from = peer, has_data = true, nth = 1 }
  served(device, peer, echo, lives)
end)

judge("data twice, and late: delivered once, in order (3.4)", function(_, device, peer, link)
  local text = ("0123456789"):rep(600)
  link:duplicate { from = peer, has_data = true, nth = 2, by = "30ms" }
  link:reorder { from = peer, has_data = true, nth = 1, behind = 1 }
  served(device, peer, echo, function(conn)
    conn:send(text)
    conn:shutdown()
    assert(conn:recv_all() == text, "other octets came back")
    conn:close()
  end)
end)

judge("half-close: what comes behind our FIN is read (3.6)", function(_, device, peer)
  peer:serve(80, function(conn)
    local text = conn:recv_all()
    peer:sleep "1s"
    conn:send(text)
    conn:close()
  end)
  device:spawn(function() lives(assert(device:connect(peer, 80))) end)
end)

judge("final ACK lost: the FIN that comes again is acknowledged (3.10.7.4, TIME-WAIT)", function(sim, device, peer, link)
  served(device, peer, function(conn) conn:close() end, function(conn)
    assert(conn:recv_all() == "")
    link:drop { from = device, flags = "=ACK", nth = 1 }
    conn:close()
  end)
  return function()
    assert(sim.trace:count { from = peer, flags = "FIN" } == 2, "the peer's FIN was not acknowledged")
    no_reset(sim, device)()
  end
end)

judge("both close at once (3.6, CLOSING)", function(sim, device, peer)
  served(device, peer, function(conn) conn:close() end, function(conn) conn:close() end)
  return no_reset(sim, device)
end)

judge("both open at once (MUST-10)", function(_, device, peer)
  local got
  device:spawn(function()
    local conn = assert(device:connect(peer, 80, { local_port = 90 }))
    conn:send "hello"
    conn:close()
  end)
  peer:spawn(function()
    local conn = assert(peer:connect(device, 90, { local_port = 80 }))
    got = conn:recv_all()
    conn:close()
  end)
  return function() assert(got == "hello", got) end
end)

judge("close after 25 idle seconds: the peer's FIN finds FIN-WAIT-2 (3.6)", function(sim, device, peer)
  peer:serve(80, function(conn)
    conn:recv_all()
    peer:sleep "1s"
    conn:close()
  end)
  device:spawn(function()
    local conn = assert(device:connect(peer, 80))
    device:sleep "25s"
    conn:close()
  end)
  return no_reset(sim, device)
end)

judge("RST outside the window: ignored (3.10.7.4, second)", function(_, device, peer, link)
  served(device, peer, echo, function(conn)
    inject(link, peer, device, "R 1000000:1000000(0)")
    peer:sleep "1s"
    lives(conn)
  end)
end)

judge("RST in the window, but not at its edge: an ACK, and no more (RFC 5961 3.2)", function(sim, device, peer, link)
  return challenged(sim, device, peer, link, function() inject(link, peer, device, "R 101:101(0)") end)
end)

judge("RST at the edge: the connection is gone (3.10.7.4, second)", function(_, device, peer, link)
  local why
  served(device, peer, function(conn) local _; _, why = conn:recv(); conn:close() end, function(conn)
    inject(link, peer, device, "R 1:1(0)")
    peer:sleep "1s"
    conn:reset()
  end)
  return function() assert(why == "reset", why) end
end)

judge("SYN in the window: an ACK, and no more (RFC 5961 4.2)", function(sim, device, peer, link)
  return challenged(sim, device, peer, link, function(conn)
    link:inject { from = peer, to = device, port = 40000, to_port = 80, flags = "SYN",
                  seq = (conn:info().snd_nxt + 100) % 0x100000000 }
  end)
end)

judge("ACK of what was never sent: an ACK (3.10.7.4, fifth)", function(sim, device, peer, link)
  return challenged(sim, device, peer, link, function() inject(link, peer, device, ". 1:1(0) ack 100001") end)
end)

-- The device sends 3000 octets, in segments of so many at most.
local function segments(sim, device, peer, most)
  served(device, peer, function(conn) conn:send(("x"):rep(3000)); conn:close() end, function(conn)
    assert(#conn:recv_all() == 3000)
    conn:close()
  end)
  return function()
    for _, p in ipairs(sim.trace:packets { from = device, has_data = true }) do
      assert(p.len <= most, ("a segment of %d octets"):format(p.len))
    end
  end
end

judge("no MSS option: segments of 536 octets at most (MUST-15)", function(sim, device, peer, link)
  link:rewrite { from = peer, flags = "SYN", set = { strip = "mss" } }
  return segments(sim, device, peer, 536)
end)

judge("MSS option: no larger segment (MUST-16)", function(sim, device, peer, link)
  link:rewrite { from = peer, flags = "SYN", set = { mss = 300 } }
  return segments(sim, device, peer, 300)
end)

judge("window of zero, and its opening lost: probed (MUST-36)", function(_, device, peer, link)
  local size = 200000
  served(device, peer, function(conn) conn:send(("x"):rep(size)); conn:close() end, function(conn)
    peer:sleep "20s"
    link:drop { from = peer, flags = "=ACK", nth = 1 }
    assert(#conn:recv_all() == size, "it is not all there")
    conn:close()
  end)
end)
