-- Plays plans (see plans.py), one simulation after the other: a capture on each host, and a line of
-- JSON with what the programs did and saw.  `plans` and `folder` are defined in front of this text.
local dw = require "drywire"
local names = { "client", "server" }

local function contents(connection, side, size)
  local parts = {}
  for i = 0, size // 8 do parts[i + 1] = ("%06d%d%d"):format(i, connection, side) end
  return table.concat(parts):sub(1, size)
end

-- Every change of state of this host's connections, with the ISN to know them by.
local function watch(sim, host, states)
  local last = {}
  local function look()
    local n = 1
    while host:conn(n) do
      local conn = host:conn(n)
      local state = tostring(conn:state())
      if last[n] ~= state then
        last[n] = state
        states[#states + 1] = { sim:now_ns(), n, state, conn:info().iss or -1 }
      end
      n = n + 1
    end
  end
  for _, state in ipairs { "CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2",
                           "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT" } do
    host:on_state(state, look)
  end
end

-- One end of a connection: a program that writes, another that reads, and the last one closes.
local function converse(sim, host, conn, plan, number, side, seen)
  local function note(what, n) seen.calls[#seen.calls + 1] = { sim:now_ns(), what, n or 0 } end
  local busy, let_go = 2, false
  local function finished()
    busy = busy - 1
    if busy > 0 or let_go then return end
    if plan.hold then host:sleep(plan.hold / 1000) end
    note "close"
    let_go = true
    conn:close()
  end
  local function finish(how)
    if how == "after" then return end
    note(how)
    let_go = how ~= "shutdown"
    conn[how](conn)
  end
  local total = 0
  for _, write in ipairs(plan.writes) do total = total + write.size end
  local data, at = contents(number, side, total), 0
  host:spawn(function()
    host:sleep(plan.delay / 1000)
    for _, write in ipairs(plan.writes) do
      if write.pause > 0 then host:sleep(write.pause / 1000) end
      if let_go then break end
      note(write.urgent and "urgent" or "send", write.size)
      local sent, why = conn:send(data:sub(at + 1, at + write.size), { urgent = write.urgent })
      if not sent then seen.write_error = why; break end
      note("sent", write.size)
      at = at + write.size
    end
    if not let_go and not seen.write_error then finish(plan.finish) end
    finished()
  end)
  host:spawn(function()
    local got, length, why = {}, 0, nil
    if plan.read_delay > 0 then host:sleep(plan.read_delay / 1000) end
    while not let_go do
      local piece
      piece, why = conn:recv(plan.chunk > 0 and plan.chunk or nil)
      if not piece then break end
      got[#got + 1], length = piece, length + #piece
      note("read", #piece)
      if plan.read_most and length >= plan.read_most then break end
      if plan.read_pause > 0 then host:sleep(plan.read_pause / 1000) end
    end
    seen.length, seen.read_error = length, why
    local peer = contents(number, 3 - side, length)
    seen.right = table.concat(got) == peer
    if plan.finish == "after" and not let_go then note "shutdown"; conn:shutdown() end
    finished()
  end)
end

local function impair(sim, hosts, link, faults)
  for _, fault in ipairs(faults) do
    if fault.kind == "drop" then
      local left, skip = fault.count, (fault.nth or 1) - 1
      link:drop { flags = fault.flags, when = function()
        skip = skip - 1
        if skip >= 0 or left == 0 then return false end
        left = left - 1
        return true
      end }
    elseif fault.kind == "down" then
      sim:after(fault.at / 1000, function() link:down() end)
      if fault.to then sim:after(fault.to / 1000, function() link:up() end) end
    elseif fault.kind == "mark" then
      local draw = sim:random "marks"
      link:rewrite { set = { tos = 3 }, when = function(p) return p.tos & 3 == 2 and draw:chance(fault.share / 100) end }
    else
      local to = fault.to + 1
      link:inject { at = ("%dms"):format(fault.at), from = hosts[3 - to], to = hosts[to], flags = fault.flags,
                    port = to == 2 and 7000 or 80, to_port = to == 2 and 80 or 7000,
                    seq = fault.seq, ack = fault.ack }
    end
  end
end

local function set_up(plan)
  local sim = dw.sim { seed = plan.seed, limit = "3h", trace_limit = "1GiB" }
  local hosts = {}
  for i, name in ipairs(names) do
    local host = plan.hosts[i]
    hosts[i] = sim:host(name, { addr = host.addr, isn = host.isn and { host.isn, host.isn ~ 0x55555555 },
                                mss = host.mss, buffer = host.buffer, tcp = host.tcp })
  end
  local link = sim:link(hosts[1], hosts[2], plan.link)
  impair(sim, hosts, link, plan.faults)
  return sim, hosts
end

local function open(sim, plan, hosts, side, number, seen, numbers)
  local host, peer = hosts[side], hosts[3 - side]
  host:spawn(function()
    if number > 1 then host:sleep(plan.gap / 1000) end
    local o = { local_port = plan.again and 7000 or 6999 + number }
    if plan.hosts[side].no_options then o.options = false end
    if plan.simultaneous and side == 2 then o.local_port = 80 end
    local port = plan.again and 80 or 79 + number
    local conn, why = host:connect(peer, o.local_port == 80 and 7000 or port, o)
    seen.connect = conn and "yes" or why
    if conn then
      seen.iss = conn:info().iss
      numbers[seen.iss] = number
      converse(sim, host, conn, plan.connections[number][side], number, side, seen)
    end
    if number < #plan.connections and plan.again then
      while conn and tostring(conn:state()) ~= "CLOSED" and tostring(conn:state()) ~= "TIME-WAIT" do
        host:sleep(1)
      end
      return seen.next()
    end
  end)
end

local function play(plan)
  local sim, hosts = set_up(plan)
  local result = { seed = plan.seed, name = plan.name, ends = {}, states = { {}, {} } }
  for i, host in ipairs(hosts) do watch(sim, host, result.states[i]) end
  local function fresh(number, side)
    local seen = { side = side, number = number, calls = {} }
    result.ends[#result.ends + 1] = seen
    return seen
  end
  local numbers = {}                       -- which connection has this ISN of the client
  local function begin(number)
    local seen = fresh(number, 1)
    seen.next = function() begin(number + 1) end
    open(sim, plan, hosts, 1, number, seen, numbers)
  end
  if plan.simultaneous then
    open(sim, plan, hosts, 1, 1, fresh(1, 1), numbers)
    open(sim, plan, hosts, 2, 1, fresh(1, 2), numbers)
  else
    -- Connections that go on at once have ports of their own; those with the same ones come in turn.
    local ports = plan.again and 1 or #plan.connections
    for port = 80, 79 + ports do
      local accepted = port - 80
      hosts[2]:serve(port, function(conn)
        accepted = accepted + 1
        local number = numbers[conn:info().irs] or math.min(accepted, #plan.connections)
        local seen = fresh(number, 2)
        seen.iss = conn:info().iss
        converse(sim, hosts[2], conn, plan.connections[seen.number][2], seen.number, 2, seen)
      end)
    end
    for number = 1, plan.again and 1 or #plan.connections do begin(number) end
  end
  local ok, problem = pcall(sim.run, sim)
  for _, seen in ipairs(result.ends) do seen.next = nil end
  result.ok, result.problem, result.now = ok, not ok and tostring(problem) or nil, sim:now_ns()
  for i, host in ipairs(hosts) do
    sim.trace:pcap(("%s/%d.%d"):format(folder, plan.name, i), { host = host, link_type = "raw", start = "@0" })
  end
  print("RESULT " .. dw.json.encode(result))
  sim:close()
end

for _, plan in ipairs(plans) do play(plan) end
