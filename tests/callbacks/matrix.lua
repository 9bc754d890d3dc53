-- Every call from every callback: each acts, or is refused at its line, and the run goes on as the rules say.
local dw = require "drywire"

-- dw.congestion_control defines for good, so one algorithm asks whatever cell is running.
local hook = {} -- the member that acts -> the cell's function

local function control(member)
  local function asks(cc, ...)
    if hook[member] then hook[member](...) end
    return cc
  end
  local members = {
    ssthresh = function(cc) asks(cc); return 3000 end,
    control = function(cc) asks(cc); cc.cwnd = math.max(cc.cwnd, 2920) end,
  }
  dw.congestion_control { name = "asks-" .. member, [member] = members[member] or function(cc) asks(cc) end }
end

local cc_members = { "init", "on_ack", "ssthresh", "on_timeout", "on_sample", "on_undo", "on_restart", "on_loss",
  "on_state", "control" }
for _, member in ipairs(cc_members) do control(member) end

-- Two hosts, a lossy link, a long transfer with pauses in it, a short one with urgent data.
local function world(options)
  local w = { calls = 0 }
  options = options or {}
  w.sim, w.client, w.server, w.link = dw.pair {
    delay = "20ms", rate = "1Mbps", queue = 8, loss = options.loss or "3%", seed = options.seed or 7,
    tcp = options.tcp,
  }
  w.other_sim = dw.sim()
  w.other = w.other_sim:host "other"
  w.listener = w.server:listen(81)
  w.held = w.link:hold { from = w.client, to_port = 9 }
  -- Their connections may be closed under them.
  local function program(host, fn) host:spawn(function() w.lost = select(2, pcall(fn)) end) end
  w.server:serve(80, function(conn)
    conn:recv_all()
    pcall(conn.send, conn, ("y"):rep(3000))
    conn:close()
  end)
  program(w.client, function()
    local conn = w.client:connect("server", 80)
    if not conn then return end
    conn:send(("x"):rep(20000))
    w.client:sleep "100ms"
    conn:send(("x"):rep(20000))
    w.client:sleep "10s" -- longer than the retransmission timeout: sending begins anew
    conn:send(("x"):rep(3000))
    conn:shutdown()
    conn:recv_all()
    conn:close()
  end)
  -- Coroutines that drywire holds, or has held.
  program(w.client, function()
    w.program = coroutine.running()
    local _ <close> = setmetatable({}, { __close = function() w.ended = true end })
    for _ = 1, 10 do w.client:sleep "30ms" end
  end)
  program(w.server, function()
    w.generator = coroutine.create(function()
      for _ = 1, 5 do w.server:sleep "30ms"; coroutine.yield(true) end
    end)
    while coroutine.resume(w.generator) do end
  end)
  program(w.client, function()
    w.client:sleep "50ms"
    local conn = w.client:connect("server", 80)
    if not conn then return end
    conn:send("u", { urgent = true })
    w.client:sleep "2s"
    conn:close()
  end)
  return w
end

-- Callbacks: how to have fn called in one.  `query` ones run on the finished trace.

local function on_states(host_of, ...)
  local states = { ... }
  return { install = function(w, fn) for _, s in ipairs(states) do host_of(w):on_state(s, fn) end end }
end
local function client_of(w) return w.client end
local function server_of(w) return w.server end

local function rule(verb, on, answer, extra)
  return { install = function(w, fn)
    local options = { when = function(p) fn(p); return answer end }
    for k, v in pairs(extra or {}) do options[k] = v end
    local owner = w[on]
    owner[verb](owner, options)
  end }
end

local function query(ask)
  return { install = function(w, fn)
    w.sim:run "500ms"
    w.query_ok, w.query_error = pcall(ask, w, function(p) fn(p); return true end)
  end }
end

local callbacks = {
  ["link:intercept"] = { install = function(w, fn) w.link:intercept(function(p) fn(p) end) end },
  ["host:intercept"] = { install = function(w, fn)
    w.client:intercept(function(p) fn(p) end)
    w.server:intercept(function(p) fn(p); return "duplicate" end)
  end },
  ["when of drop"] = rule("drop", "link", false),
  ["when of a host's drop"] = rule("drop", "server", false),
  ["when of duplicate"] = rule("duplicate", "server", true),
  ["when of delay"] = rule("delay", "link", true, { by = "3ms" }),
  ["when of corrupt"] = rule("corrupt", "client", true, { count = 3 }),
  ["when of rewrite"] = rule("rewrite", "link", true, { set = { window = 9000 }, count = 3 }),
  ["when of hold"] = rule("hold", "link", true, { nth = 2, has_data = true }),
  ["when of reorder"] = rule("reorder", "link", true, { count = 5 }),
  ["on_state SYN-SENT"] = on_states(client_of, "SYN-SENT"),
  ["on_state SYN-RECEIVED"] = on_states(server_of, "SYN-RECEIVED"),
  ["on_state ESTABLISHED of the client"] = on_states(client_of, "ESTABLISHED"),
  ["on_state ESTABLISHED of the server"] = on_states(server_of, "ESTABLISHED"),
  ["on_state of the active close"] = on_states(client_of, "FIN-WAIT-1", "FIN-WAIT-2", "CLOSING", "TIME-WAIT"),
  ["on_state of the passive close"] = on_states(server_of, "CLOSE-WAIT", "LAST-ACK"),
  ["on_state CLOSED"] = { install = function(w, fn)
    w.client:on_state("CLOSED", fn)
    w.server:on_state("CLOSED", fn)
  end },
  ["sim:at"] = { install = function(w, fn) for i = 1, 40 do w.sim:at(i * 0.025, fn) end end },
  ["sim:after"] = { install = function(w, fn) w.sim:after("30ms", function() w.sim:after("0s", fn) end) end },
  ["sim:invariant"] = { install = function(w, fn) w.sim:invariant("called", function() fn(); return true end) end },
  ["sim:until_"] = { install = function(w, fn)
    w.run = function(sim) return sim:until_(function() fn(); return w.calls > 10 end, "5min") end
  end },
  ["conn:on_report"] = { install = function(w, fn)
    w.sim:at("30ms", function()
      local a, b = w.client:conn(), w.server:conn()
      if a and a:state() ~= "CLOSED" then pcall(a.on_report, a, fn) end
      if b and b:state() ~= "CLOSED" then pcall(b.on_report, b, fn) end
    end)
    w.sim:at("500ms", function() w.link:down() end)
    w.sim:at("20s", function() w.link:up() end)
  end },
  ["<close> of a program"] = { blocks = true, install = function(w, fn)
    w.client:spawn(function()
      local _ <close> = setmetatable({}, { __close = fn })
      w.client:sleep "60ms"
    end)
  end },
  ["<close> of a program whose host crashes"] = { install = function(w, fn)
    for _ = 1, 3 do
      w.client:spawn(function()
        local _ <close> = setmetatable({}, { __close = fn })
        w.client:sleep "1h"
      end)
    end
    w.sim:at("200ms", function() w.client:crash() end)
  end },
  ["<close> when the simulation is closed"] = { install = function(w, fn)
    w.client:spawn(function()
      local _ <close> = setmetatable({}, { __close = fn })
      w.client:sleep "1h"
    end)
    w.late = true
  end },
  ["a program"] = { blocks = true, install = function(w, fn)
    w.client:spawn(function() for _ = 1, 30 do w.client:sleep "20ms"; fn() end end)
  end },
  ["a program of the other host"] = { blocks = true, install = function(w, fn)
    w.server:spawn(function() for _ = 1, 30 do w.server:sleep "20ms"; fn() end end)
  end },
  ["a coroutine of a program"] = { blocks = true, install = function(w, fn)
    w.client:spawn(function()
      for _ = 1, 10 do
        w.client:sleep "20ms"
        coroutine.wrap(function() w.client:sleep "1ms"; fn() end)()
      end
    end)
  end },
  ["a comparison for table.sort"] = { install = function(w, fn)
    w.sim:at("60ms", function() table.sort({ 3, 1, 2 }, function(a, b) fn(); return a < b end) end)
  end },
  ["a function for gsub in a program"] = { install = function(w, fn)
    w.client:spawn(function() w.client:sleep "60ms"; ("xxx"):gsub(".", function() fn() end) end)
  end },
  ["a coroutine in a predicate"] = { install = function(w, fn)
    w.link:drop { when = function(p) coroutine.wrap(fn)(p); return false end }
  end },
  ["when of trace:count"] = query(function(w, when) return w.sim.trace:count { when = when } end),
  ["when of trace:packets"] = query(function(w, when) return #w.sim.trace:packets { when = when } end),
  ["when of expect:packets"] = query(function(w, when) dw.expect(w.sim):packets({ when = when }, 5) end),
  ["when of expect:never"] = query(function(w, when) dw.expect(w.sim):never { when = when } end),
  ["when of a query in a hook"] = { install = function(w, fn)
    w.client:on_state("ESTABLISHED", function() w.sim.trace:count { when = function(p) fn(p); return true end } end)
  end },
}
for _, member in ipairs(cc_members) do
  callbacks["congestion control " .. member] = {
    tcp = { congestion_control = "asks-" .. member, sack = true, recovery = "rack", frto = true, undo = true,
      pacing = true, idle_restart = "rfc5681" },
    loss = "8%",
    install = function(_, fn) hook[member] = fn end,
  }
end

-- Actions.  `refused`: the call raises this; `may`: it may, where its subject is gone; `fails`: so does the
-- run; `check`: what must hold after it.

local busy = "cannot be called"
local waits = "waits for simulated time"

local function each_conn(w, fn)
  for i = 1, 4 do
    for _, host in ipairs { w.client, w.server } do
      local conn = host:conn(i)
      if conn then fn(conn) end
    end
  end
end

-- Whether a reset of a connection in this state is sent (RFC 9293 3.10.5), and its program has it.
local resets = { ["SYN-RECEIVED"] = true, ESTABLISHED = true, ["FIN-WAIT-1"] = true, ["FIN-WAIT-2"] = true,
  ["CLOSE-WAIT"] = true }
local unaccepted = "has not accepted"
local function reset(host_of)
  return {
    may = unaccepted,
    act = function(w)
      local conn = host_of(w):conn()
      if not conn then return end
      local sent = resets[conn:state()] and conn:info().snd_nxt
      conn:reset()
      if sent and not w.reset_at then w.reset_at = w.sim:now_ns() end
    end,
    check = function(w)
      if not w.reset_at then return true end
      local count = 0
      for _, p in ipairs(w.sim.trace:packets { from = host_of(w), flags = "RST" }) do
        if math.floor(p.time * 1e9 + 0.5) == w.reset_at then count = count + 1 end
      end
      return count > 0, "no RST left when conn:reset() was called"
    end,
  }
end

local function crash(...)
  local names = { ... }
  return {
    act = function(w)
      for _, name in ipairs(names) do w[name]:crash() end
      w.crashed = (w.crashed or 0) + #names
    end,
    check = function(w)
      local _, notes = w.sim.trace:text():gsub("[^\n]*crash", "")
      return notes >= w.crashed, ("%d crashes in the trace, not %d"):format(notes, w.crashed)
    end,
  }
end

local function somebody_listens(w, port, otherwise)
  local state
  w.link:set { loss = "0%" }
  w.client:spawn(function()
    local conn = w.client:connect("server", port)
    state = conn and conn:state()
  end)
  w.sim:run "10min"
  return state == "ESTABLISHED" or state == "CLOSE-WAIT", otherwise .. ": " .. tostring(state)
end

-- A program's coroutine waits, runs or is dead, and so do its generators while it is there.
local not_ours = { "only the simulation goes on with it", "can only be closed", "non-suspended", "dead", "cannot close",
  "not there yet" }
local function resume(co)
  if not co then error "not there yet" end
  local ok, why = coroutine.resume(co)
  if not ok then error(why, 0) end
end
local function close(co)
  if not co then error "not there yet" end
  local status = coroutine.status(co)
  coroutine.close(co)
  if status == "dead" then error "dead" end
end

local actions = {
  ["crash of the client"] = crash "client",
  ["crash of the server"] = crash "server",
  ["crash of both"] = crash("client", "server"),
  ["reset by the client"] = reset(client_of),
  ["reset by the server"] = reset(server_of),
  ["close of all"] = { may = unaccepted, act = function(w) each_conn(w, function(c) c:close() end) end },
  ["reset of all"] = { may = unaccepted, act = function(w) each_conn(w, function(c) c:reset() end) end },
  ["shutdown of all"] = { may = { "has been closed", unaccepted }, act = function(w) each_conn(w, function(c) c:shutdown() end) end },
  ["linger of 0"] = { act = function(w) each_conn(w, function(c) c:close { linger = 0 } end) end,
    may = { "has no unit", unaccepted } },
  ["close of a listener"] = { act = function(w) w.listener:close() end,
    check = function(w) return not pcall(w.listener.accept, w.listener), "the listener is still open" end },
  ["another congestion control"] = { may = { "has been closed", unaccepted }, act = function(w)
    each_conn(w, function(c)
      for _, name in ipairs { "cubic", "bbr", "reno" } do c:set { congestion_control = name } end
    end)
  end },
  ["its own congestion control again"] = { may = { "has been closed", unaccepted }, act = function(w)
    each_conn(w, function(c) c:set { congestion_control = "asks-on_ack" } end)
  end },
  ["options of a connection"] = { may = { "has been closed", unaccepted }, act = function(w)
    each_conn(w, function(c)
      c:set { nagle = false, keepalive = true, user_timeout = "1s", send_buffer = "2KiB", receive_buffer = "2KiB",
        mss = 600, cork = true }
    end)
  end },
  ["a wrong option"] = { may = { "has been closed", unaccepted }, refused = "did you mean", act = function(w)
    local any = false
    each_conn(w, function(c) any = true; c:set { nagel = false } end)
    if not any then error "unknown option; did you mean nothing?" end
  end },
  ["link:down and up"] = { act = function(w) w.link:down(); w.link:up() end },
  ["link:set"] = { act = function(w) w.link:set { delay = "5ms", rate = "640kbps", queue = 2, mtu = 576 } end,
    check = function(w) return w.link:stats().to_server ~= nil end },
  ["link:schedule"] = { may = "already passed", act = function(w)
    w.link:schedule { { "100h", loss = "5%" }, { "200h", loss = "0%" } }
  end },
  ["many rules"] = { act = function(w)
    for _ = 1, 40 do
      w.link:drop { nth = 100000 }
      w.client:drop { nth = 100000 }
      w.server:drop { nth = 100000 }
    end
  end },
  ["rules that act"] = {
    act = function(w)
      w.rule = w.rule or w.link:duplicate { count = 1 }
      w.link:drop { nth = 1 }
      w.link:delay { by = "1s", nth = 2 }
      w.link:hold { nth = 3 }
      w.link:reorder { nth = 2 }
      if w.calls == 1 then w.link:corrupt { nth = 4 } end -- several could agree with the checksum
      w.client:rewrite { set = { window = 3000 }, nth = 2 }
    end,
    check = function(w) return w.rule.hits <= 1, "a rule with count = 1 acted more than once" end,
  },
  ["rule:release and cancel"] = { act = function(w)
    w.held:release()
    w.held:cancel()
    w.link:hold {}:release()
  end },
  ["link:inject"] = {
    act = function(w)
      for i = 1, 5 do
        w.link:inject { from = w.client, to = w.server, port = 5000 + i, to_port = 80, flags = "SYN", seq = i }
      end
    end,
    check = function(w)
      return w.late or w.sim.trace:count { flags = "=SYN", port = 5001 } > 0, "what was injected was not sent"
    end,
  },
  ["link:inject of a reset"] = { act = function(w)
    w.link:inject { from = w.client, to = w.server, port = 49152, to_port = 80, flags = "RST", seq = 1 }
    w.link:inject { protocol = "icmp", flags = "host-unreachable", from = w.server, about = w.server, to = w.client,
      port = 49152, to_port = 80, seq = 100 }
  end },
  ["host:spawn"] = {
    act = function(w)
      w.spawned = (w.spawned or 0) + 1
      w.client:spawn(function() w.client:sleep "1ms"; w.ran = (w.ran or 0) + 1 end)
      w.server:spawn(function() w.server:connect("client", 1) end)
    end,
    check = function(w)
      return w.late or w.killed or w.ran == w.spawned, ("%s of %s programs ran"):format(w.ran, w.spawned)
    end,
  },
  ["host:serve"] = {
    act = function(w)
      local port = 1000 + w.calls
      w.port = w.port or port
      w.server:serve(port, function(conn) conn:close() end)
    end,
    check = function(w)
      if w.late or w.killed then return true end
      return somebody_listens(w, w.port, "nobody listens on the port")
    end,
  },
  ["crash and serve again"] = {
    act = function(w)
      w.server:crash()
      w.server:serve(2000 + w.calls, function(conn) conn:close() end)
      w.again = 2000 + w.calls
    end,
    check = function(w)
      if w.late then return true end
      return somebody_listens(w, w.again, "the server's new program is gone")
    end,
  },
  ["a port that is taken"] = { fails = "address in use", refused_or_fails = true, act = function(w) w.server:listen(80) end },
  ["sim:at now"] = {
    act = function(w)
      w.asked = (w.asked or 0) + 1
      w.sim:after("0s", function() w.came = (w.came or 0) + 1 end)
    end,
    check = function(w) return w.late or w.came == w.asked, "not every callback for this instant came" end,
  },
  ["sim:at before now"] = { may = "already passed", act = function(w) w.sim:at("0s", function() end) end },
  ["sim:close"] = { refused = busy, act = function(w) w.sim:close() end },
  ["sim:run"] = { refused = busy, act = function(w) w.sim:run() end },
  ["sim:step"] = { refused = busy, act = function(w) w.sim:step(5) end },
  ["sim:until_ in it"] = { refused = busy, act = function(w) w.sim:until_(function() return true end) end },
  ["another simulation's run"] = { may = busy, act = function(w) w.other_sim:run() end },
  ["another simulation's close"] = { act = function(w) w.other_sim:close() end },
  ["a new simulation"] = { may = busy, act = function()
    local sim, client, server = dw.pair { delay = "1ms" }
    server:serve(1, function(conn) conn:close() end)
    client:spawn(function() client:connect("server", 1) end)
    local ok, message = pcall(sim.run, sim)
    sim:close()
    if not ok then error(message, 0) end
  end },
  ["a new host"] = {
    act = function(w)
      local name = "host" .. w.calls
      local host = w.sim:host(name)
      w.sim:link(host, w.client, { delay = "1ms" })
      host:spawn(function()
        local conn = host:connect("server", 80)
        if conn then conn:close() end
      end)
      w.new_host = name
    end,
    check = function(w)
      return w.late or w.sim.trace:count { from = w.new_host, flags = "SYN" } > 0, "the new host sent no SYN"
    end,
  },
  ["many hosts"] = { act = function(w)
    for i = 1, 20 do
      local host = w.sim:host(("h%d_%d"):format(w.calls, i))
      w.sim:link(host, w.client)
      w.sim:link(host, w.server)
    end
  end },
  ["options of a host"] = { may = "already has that address", act = function(w)
    w.sim:host("client", { tcp = { profile = "linux", sack = false }, buffer = 1000, mss = 100, addr = "10.9.9.9" })
  end },
  ["another address"] = { may = "at most", act = function(w)
    w.sim:host("server", { more_addrs = { "10.7.0." .. w.calls } })
  end },
  ["everything of the trace"] = { act = function(w)
    local t = w.sim.trace
    local _ = t:ladder() .. t:svg() .. t:html() .. t:text() .. t:hash()
    t:drops()
    t:series(w.client, "cwnd")
  end },
  ["expectations"] = { may = "had no connection", act = function(w)
    dw.expect(w.client):reaches "SYN-SENT"
    dw.expect(w.sim):packets({ flags = "URG", seq = 3, len = 7 }, 0)
  end },
  ["what there is to look at"] = { act = function(w)
    each_conn(w, function(c) local _ = c:state(), c:states(), c:info(), tostring(c) end)
    local _ = w.link:stats(), w.held.hits, w.held.held, w.client:addr(), w.client:name(), w.sim:now(), w.sim:seed()
    w.sim:random "mine":integer(1, 6)
  end },
  ["garbage collection"] = { act = function()
    collectgarbage()
    collectgarbage "step"
  end },
  ["resume of a program"] = { refused = not_ours, act = function(w) resume(w.program) end },
  ["resume of a program's generator"] = { refused = not_ours, act = function(w) resume(w.generator) end },
  ["close of a program"] = { refused = not_ours, act = function(w) close(w.program) end },
  ["close of a program's generator"] = { refused = not_ours, act = function(w) close(w.generator) end },
  ["an error"] = { fails = "boom", act = function() error "boom" end },
  ["an error that is a table"] = { fails = "", act = function() error {} end },
  ["an error that is nil"] = { fails = "", act = function() error() end },
  ["yield"] = { unless_blocks = true, refused = "yield", act = function() coroutine.yield(1) end },
  ["sleep"] = { refused_unless_blocks = waits, act = function(w) w.client:sleep "1ms" end },
  ["sleep of another simulation's host"] = { refused = "another simulation", otherwise = waits,
    act = function(w) w.other:sleep "1s" end },
  ["send"] = { refused_unless_blocks = waits, may = { "has been closed", "already waits here", unaccepted }, act = function(w)
    local conn = w.client:conn()
    if not conn then error(waits) end
    conn:send "x"
  end },
  ["connect"] = { refused_unless_blocks = waits, act = function(w) w.client:connect("server", 80) end },
  ["partition and heal"] = { act = function(w) w.sim:partition({ w.client }, { w.server }); w.sim:heal() end },
  ["one more invariant"] = { act = function(w) w.sim:invariant("more", function() return true end) end },
  ["one more on_state"] = { act = function(w)
    w.client:on_state("CLOSED", function() end)
    w.client:on_state("ESTABLISHED", function() end)
  end },
  ["one more on_report"] = { may = { "has been closed", unaccepted }, act = function(w)
    each_conn(w, function(c) c:on_report(function() end) end)
  end },
  ["a rule for another simulation's host"] = { refused = "another simulation",
    act = function(w) w.link:drop { from = w.other } end },
  ["changes of the packet's table"] = { act = function(_, p)
    if type(p) == "table" then p.n, p.data, p.flags, p.conn = 0, nil, nil, 1 end
  end },
}

-- One cell: the action in the callback, six times at most; then what it must have led to.

local protected_outcomes = { "fails", "refused", "may", "refused_unless_blocks" }

local function expected_error(callback, action, message)
  for _, kind in ipairs(protected_outcomes) do
    local texts = type(action[kind]) == "table" and action[kind] or { action[kind] }
    for _, text in ipairs(texts) do
      if message:find(text, 1, true) then return true end
    end
  end
  return action.otherwise and message:find(action.otherwise, 1, true) ~= nil
    or action.unless_blocks and callback.blocks
end

local function cell(cname, aname)
  local callback, action = callbacks[cname], actions[aname]
  local most = 6
  hook = {}
  local w = world(callback)
  local problems = {}
  local raw = action.fails and not action.refused_or_fails
  callback.install(w, function(...)
    if w.calls >= most or w.over then return end
    w.calls = w.calls + 1
    if raw or (action.unless_blocks and callback.blocks) then return action.act(w, ...) end
    local ok, message = pcall(action.act, w, ...)
    local must = action.refused or (not callback.blocks and action.refused_unless_blocks)
    if ok and must and not (action.refused == nil and callback.blocks) then
      problems[#problems + 1] = "it was not refused"
    elseif not ok and not expected_error(callback, action, tostring(message)) then
      problems[#problems + 1] = "it raised " .. tostring(message)
    end
  end)
  w.killed = cname:find "crashes" ~= nil
  local run = w.run or w.sim.run
  local ok, message = pcall(run, w.sim, "5min")
  local ok2, message2 = pcall(w.sim.run, w.sim, "5min")
  w.over = not w.late
  local fails = action.fails or (action.unless_blocks and callback.blocks and "")
  if not (ok and ok2) then
    local text = tostring(ok and message2 or message)
    if not (fails and text:find(fails, 1, true)) then problems[#problems + 1] = "the run failed: " .. text end
  elseif raw and w.calls > 0 and not w.late and w.query_ok ~= false and not w.killed then
    problems[#problems + 1] = "the run passed"
  end
  if w.calls > 0 and ok and ok2 and action.check and not w.late then
    local held, why = action.check(w)
    if not held then problems[#problems + 1] = why or "its check failed" end
  end
  local closed, close_message = pcall(w.sim.close, w.sim)
  if not closed then problems[#problems + 1] = "sim:close() afterwards: " .. tostring(close_message) end
  hook = {}
  w.other_sim:close()
  return w.calls, problems
end

local function names(t)
  local list = {}
  for name in pairs(t) do list[#list + 1] = name end
  table.sort(list)
  return list
end

local only_callback, only_action = dw.param("callback", ""), dw.param("action", "")
local step = dw.param("step", 1) -- of the cells, every so manieth
for i, cname in ipairs(names(callbacks)) do
  if only_callback == "" or only_callback == cname then
    dw.test(cname, function()
      local called, wrong = 0, {}
      for k, aname in ipairs(names(actions)) do
        if (i + k) % step == 0 and (only_action == "" or only_action == aname) then
          local calls, problems = cell(cname, aname)
          called = called + calls
          if #problems > 0 then wrong[#wrong + 1] = ("%s: %s"):format(aname, problems[1]) end
        end
      end
      assert(called > 0, "it was never called")
      assert(#wrong == 0, table.concat(wrong, "\n"))
    end)
  end
end
