-- dw.explore with `against`: every plan in two profiles, and the first thing that the ends do otherwise, of each kind.
--
-- A plan is one of the first profile.  What it does to a packet is done, in the second one, to the segment that says the same:
-- of the same end, with the same flags, sequence number and length, the nth such; of one that only acknowledges, with the same
-- acknowledgment.  Where there is none the plan is left out: what came before it is in a smaller plan.
local dw, internal = ...
local fail, pack, unpack = internal.fail, string.pack, string.unpack

-- What the ends did: lists of items, for each aspect and each end.

local ASPECTS = { "outcome", "calls", "states", "segments", "acknowledgments", "discarded segments" }

local function flags_of(event)
  local flags = event.flags == "" and "segment without flags" or event.flags
  return event.len > 0 and flags .. " with data" or flags
end

local function is_acknowledgment(event) return event.flags == "ACK" and event.len == 0 end

-- The same in both profiles, if the ends do the same.
local function key_of(event)
  if is_acknowledgment(event) then return ("ACK %d %d"):format(event.seq, event.ack) end
  return ("%s %d %d"):format(event.flags, event.seq, event.len)
end

local function list_for(lists, aspect, e)
  lists[aspect] = lists[aspect] or {}
  lists[aspect][e] = lists[aspect][e] or {}
  return lists[aspect][e]
end

local function add(lists, aspect, event, item)
  item.at, item.why, item.rfc, item.because = event.at, event.why, event.rfc, event.because
  local list = list_for(lists, aspect, event.e)
  list[#list + 1] = item
end

-- Of each event that ends are compared by: what is added.  heard: what came to each host last.
local adds = {
  sent = function(lists, event, heard)
    local aspect = is_acknowledgment(event) and "acknowledgments" or "segments"
    local numbers = ("seq=%d ack=%d len=%d"):format(event.seq, event.ack, event.len)
    if not event.flags:find "ACK" then numbers = ("seq=%d len=%d"):format(event.seq, event.len) end
    add(lists, aspect, event, { key = key_of(event), label = flags_of(event), detail = numbers, heard = heard[event.host] })
  end,
  state = function(lists, event, heard)
    local label = ("%s to %s"):format(event.from, event.to)
    add(lists, "states", event, { key = label, label = label, heard = heard[event.host] })
  end,
  discarded = function(lists, event)
    local label = "discards " .. flags_of(event)
    add(lists, "discarded segments", event, { key = ("%s %s"):format(event.why, key_of(event)), label = label,
        detail = ("seq=%d len=%d"):format(event.seq, event.len) })
  end,
}

local hears = {
  arrived = function(event) return flags_of(event) end,
  timer = function(event) return ("timer %s"):format(event.name) end,
  call = function(event) return ("%s()"):format(event.name) end,
}

-- "client", and of another program of that host "client, program 2".
local function name_programs(told)
  local names, count = {}, {}
  for _, one in ipairs(told) do
    if not names[one.program] then
      local nth = (count[one.host] or 0) + 1
      count[one.host] = nth
      names[one.program] = nth == 1 and one.host or ("%s, program %d"):format(one.host, nth)
    end
  end
  return names
end

-- What comes in pieces is one text, however it was cut.
local function add_told(lists, told)
  local octets, names = {}, name_programs(told)
  for _, one in ipairs(told) do
    local list = list_for(lists, "calls", names[one.program])
    local n = one.call == "recv" and one.result:match "^(%d+) octets$"
    if n then
      octets[one.program] = (octets[one.program] or 0) + tonumber(n)
    else
      local received = octets[one.program] and ("%d octets, then "):format(octets[one.program]) or ""
      octets[one.program] = nil
      local text = ("%s: %s%s"):format(one.call, received, one.result)
      list[#list + 1] = { key = text, label = text, at = #list }
    end
  end
end

local told_of = { connect = true, accept = true, send = true, drain = true, recv = true, recv_all = true, chunks = true,
                  shutdown = true, close = true, reset = true }

local function observe(outcome)
  local lists, heard, told = {}, {}, {}
  for _, event in ipairs(outcome.events) do
    if adds[event.what] then adds[event.what](lists, event, heard) end
    if hears[event.what] then heard[event.host] = hears[event.what](event) end
  end
  for _, one in ipairs(outcome.told) do if told_of[one.call] then told[#told + 1] = one end end
  add_told(lists, told)
  local ends = outcome.problem and outcome.problem:match "^[^\n]*" or "passes"
  list_for(lists, "outcome", "script")[1] = { key = ends, label = ends, at = 0 }
  return lists
end

-- Comparing.

local function is_same(a, b) return a == b or (a and b and a.key == b.key) end

-- From there on they are alike again, as soon as may be: how many of each are in between.
local function gap(a, i, b, j)
  for d = 1, #a - i + #b - j + 2 do
    for skipped = 0, d do
      if is_same(a[i + skipped], b[j + d - skipped]) and i + skipped <= #a + 1 and j + d - skipped <= #b + 1 then
        return skipped, d - skipped
      end
    end
  end
end

-- Differences are of one kind where both sides did the same for the same causes, whatever the numbers were.
local function side(item) return item and ("%s (%s)"):format(item.label:gsub("%d+", "#"), item.why or "") or "nothing" end
local function kind_of(aspect, a, b) return ("%s: %s / %s"):format(aspect, side(a), side(b)) end

-- Calls of see(a, b, next of a, next of b) for each difference, until that returns something.
local function each_difference(a, b, see)
  local i, j = 1, 1
  while i <= #a or j <= #b do
    if is_same(a[i], b[j]) then
      i, j = i + 1, j + 1
    else
      local of_a, of_b = gap(a, i, b, j)
      local found = see(of_a > 0 and a[i] or nil, of_b > 0 and b[j] or nil, a[i + of_a], b[j + of_b])
      if found then return found end
      i, j = i + of_a, j + of_b
    end
  end
end

local function ends_of(first, second, aspect)
  local set, names = {}, {}
  for _, lists in ipairs { first, second } do
    for e in pairs(lists[aspect] or {}) do set[e] = true end
  end
  for e in pairs(set) do names[#names + 1] = e end
  table.sort(names)
  return names
end

local function each_list(first, second, fn)
  for _, aspect in ipairs(ASPECTS) do
    for _, e in ipairs(ends_of(first, second, aspect)) do
      fn(aspect, e, (first[aspect] or {})[e] or {}, (second[aspect] or {})[e] or {})
    end
  end
end

-- All kinds that there are.
local function kinds_of(first, second)
  local kinds = {}
  each_list(first, second, function(aspect, _, a, b)
    each_difference(a, b, function(x, y) kinds[kind_of(aspect, x, y)] = true end)
  end)
  return kinds
end

local function is_before(x, y)
  local function at(d) return math.min(d.a and d.a.at or math.huge, d.b and d.b.at or math.huge) end
  return not y or at(x) < at(y)
end

-- The first one of each aspect whose kind is not among those that need no faults.
local function first_differences(first, second, known)
  local found = {}
  each_list(first, second, function(aspect, e, a, b)
    local d = each_difference(a, b, function(x, y, next_x, next_y)
      local kind = kind_of(aspect, x, y)
      if not known[kind] then return { aspect = aspect, e = e, kind = kind, a = x, b = y, next_a = next_x, next_b = next_y } end
    end)
    if d and is_before(d, found[aspect]) then found[aspect] = d end
  end)
  return found
end

-- All of them, each kind once: of the plan without faults.
local function all_differences(first, second)
  local list, seen = {}, {}
  each_list(first, second, function(aspect, e, a, b)
    each_difference(a, b, function(x, y, next_x, next_y)
      local kind = kind_of(aspect, x, y)
      if not seen[kind] then
        list[#list + 1] = { aspect = aspect, e = e, kind = kind, a = x, b = y, next_a = next_x, next_b = next_y }
      end
      seen[kind] = true
    end)
  end)
  return list
end

-- Runs.

local function run(self, plan, manner)
  return internal.differ_run(self.fn, plan, manner.profile, self.leaks, manner.switch, manner.value)
end

-- Which packet says what, and back: "client: ACK 1 1, 2nd" of #5.
local function index_of(outcome)
  local names, numbers, count = {}, {}, {}
  for _, event in ipairs(outcome.events) do
    if event.n and event.what ~= "discarded" then
      local key = ("%s %s %s"):format(event.what, event.e, key_of(event))
      count[key] = (count[key] or 0) + 1
      key = ("%s %d"):format(key, count[key])
      names[event.n], numbers[key] = key, event.n
    end
  end
  return names, numbers
end

-- Runs that many plans begin with are made once, as long as there are not too many of them.
local MOST_KEPT = 2000

local function numbers_in(self, plan, manner)
  local key = ("%s %s %s"):format(plan, manner.profile, manner.switch or "")
  if not self.kept[key] then
    if self.kept_count == MOST_KEPT then self.kept, self.kept_count = {}, 0 end
    local _, numbers = index_of(run(self, plan, manner))
    self.kept[key], self.kept_count = numbers, self.kept_count + 1
  end
  return self.kept[key]
end

-- A plan of the first profile, whose packets have these names, as one of the same segments in another; nil: there is none.
local function translate(self, plan, names, manner)
  local translated, last = "", 0
  for n, rest in plan:gmatch "(%d+)([^,]*)" do
    local name = names[tonumber(n)]
    local number = name and numbers_in(self, translated, manner)[name]
    if not number or number < last then return nil end
    last = number
    translated = ("%s%s%d%s"):format(translated, translated ~= "" and "," or "", number, rest)
  end
  return translated
end

-- A plan in the first profile: as lists, and the names of its packets.
local function run_first(self, plan)
  local outcome = run(self, plan, { profile = self.first })
  return observe(outcome), (index_of(outcome))
end

-- In the other one, and the plan there; nil: they cannot be compared.
local function run_second(self, plan, names, manner)
  local second_plan = translate(self, plan, names, manner)
  if not second_plan then return nil end
  local outcome = run(self, second_plan, manner)
  if not outcome.struck then return nil end
  return observe(outcome), second_plan
end

-- In words.

local function cause_text(item)
  if not item.why then return "" end
  local source = item.rfc and ("%s, %s"):format(item.why, item.rfc) or item.why
  return (": %s [%s]"):format(item.because or "", source)
end

local function item_text(item)
  local text = item.label
  if item.detail then text = ("%s %s"):format(text, item.detail) end
  text = text .. cause_text(item)
  return item.heard and ("%s, after %s"):format(text, item.heard) or text
end

local function side_text(item, next_item)
  if item then return item_text(item) end
  return next_item and "nothing; next is " .. item_text(next_item) or "nothing more"
end

-- Pieces: some plans; each comes back with what it found.

local function write_difference(d)
  return pack("s4s4s4s4s4", d.aspect, d.e, d.kind, side_text(d.a, d.next_a), side_text(d.b, d.next_b))
end

local function perform_plan(self, plan)
  local first, names = run_first(self, plan)
  local second, second_plan = run_second(self, plan, names, { profile = self.second })
  if not second then return pack("s4s4I4", plan, "-", 0) end
  local list = {}
  if plan == "" then
    list = all_differences(first, second)
  else
    local found = first_differences(first, second, self.known)
    for _, aspect in ipairs(ASPECTS) do list[#list + 1] = found[aspect] end
  end
  for i, d in ipairs(list) do list[i] = write_difference(d) end
  return pack("s4s4I4", plan, second_plan, #list) .. table.concat(list)
end

-- Which kinds there are without faults, every process finds out for itself.
local function prepare(self)
  if self.known then return end
  self.kept, self.kept_count = {}, 0
  self.known = kinds_of(run_first(self, ""), (run_second(self, "", {}, { profile = self.second })))
end

local function perform_piece(self, piece)
  local records = {}
  prepare(self)
  for plan in piece:gmatch "([^\n]*)\n" do records[#records + 1] = pack("s4", perform_plan(self, plan)) end
  return table.concat(records)
end

local function take_difference(self, plan, second_plan, record, at)
  local d = { plan = plan, second_plan = second_plan, plans = 0 }
  d.aspect, d.host, d.kind, d.first, d.second, at = unpack("s4s4s4s4s4", record, at)
  if not self.of_kind[d.kind] then
    self.of_kind[d.kind] = d
    self.differences[#self.differences + 1] = d
  end
  self.of_kind[d.kind].plans = self.of_kind[d.kind].plans + 1
  return at
end

local function take_plan(self, record)
  local plan, second_plan, count, at = unpack("s4s4I4", record)
  if second_plan == "-" then
    self.apart = self.apart + 1
    return
  end
  self.compared = self.compared + 1
  if count > 0 then self.differ = self.differ + 1 end
  for _ = 1, count do at = take_difference(self, plan, second_plan, record, at) end
end

local function take_piece(self, records)
  local at, record = 1, nil
  while at <= #records do
    record, at = unpack("s4", records, at)
    take_plan(self, record)
  end
end

local PIECE = 32

local function pieces_of(plans)
  local pieces = {}
  for i = 0, #plans, PIECE do
    local piece = {}
    for k = math.max(i, 1), math.min(i + PIECE - 1, #plans) do piece[#piece + 1] = plans[k] .. "\n" end
    pieces[#pieces + 1] = (i == 0 and "\n" or "") .. table.concat(piece)
  end
  return pieces
end

local function deal(self, pieces, perform, take)
  internal.counting(#pieces)
  local why = internal.deal(internal.jobs() or self.jobs, pieces, perform, take)
  if why then fail("dw.explore: " .. why) end
end

-- Which switches do it, of those in which the profiles differ: each that makes the difference where the first profile has it
-- from the second, and each without which the second profile does not make it.

local function switches_between(first, second)
  local list, values = {}, {}
  for _, o in ipairs(dw.options("tcp", first)) do values[o.name] = o.value end
  for _, o in ipairs(dw.options("tcp", second)) do
    if values[o.name] ~= o.value then list[#list + 1] = { name = o.name, mine = values[o.name], theirs = o.value } end
  end
  return list
end

local function switches_of(self, d, switches)
  local enough, needed = {}, {}
  local first, names = run_first(self, d.plan)
  -- Whether its plan makes it in another manner, too; nil: they cannot be compared.
  local function makes(manner)
    local second = run_second(self, d.plan, names, manner)
    return second and (kinds_of(first, second)[d.kind] or false)
  end
  for _, s in ipairs(switches) do
    local text = ("%s = %s"):format(s.name, s.theirs)
    if makes { profile = self.first, switch = s.name, value = s.theirs } then enough[#enough + 1] = text end
    if makes { profile = self.second, switch = s.name, value = s.mine } == false then needed[#needed + 1] = text end
  end
  return table.concat(enough, "\n") .. "\0" .. table.concat(needed, "\n")
end

local function words_of(text)
  local list = {}
  for word in text:gmatch "[^\n]+" do list[#list + 1] = word end
  return list
end

local function find_switches(self)
  local switches, pieces = switches_between(self.first, self.second), {}
  for i = 1, #self.differences do pieces[i] = tostring(i) end
  deal(self, pieces, function(piece)
    prepare(self)
    return switches_of(self, self.differences[tonumber(piece)], switches)
  end, function(i, found)
    local enough, needed = found:match "^(.-)%z(.*)$"
    self.differences[i].enough, self.differences[i].needed = words_of(enough), words_of(needed)
  end)
end

-- The report.

local function plural(n, what) return ("%d %s%s"):format(n, what, n == 1 and "" or "s") end

local function in_plans(self, d)
  if d.plan == "" then return "without faults" end
  return ("in %d of %d plans"):format(d.plans, self.compared)
end

-- Of the second profile where that has other numbers.
local function plan_text(self, d)
  if d.plan == d.second_plan then return "--faults " .. d.plan end
  return ("--faults %s; in %s --faults %s"):format(d.plan, self.second, d.second_plan)
end

-- "a = 1, or b = 2", "a = 1 with b = 2".
local function switch_text(d)
  if #d.enough > 0 then return table.concat(d.enough, ", or ") end
  return #d.needed > 0 and table.concat(d.needed, ", with ") or "several switches"
end

local function add_difference(self, add_line, i, d)
  local width = math.max(#self.first, #self.second, 6)
  local function row(name, text) add_line(("   %-" .. width .. "s  %s"):format(name, text)) end
  add_line ""
  add_line(("%-2d %s of %s, %s"):format(i, d.aspect, d.host, in_plans(self, d)))
  if d.plan ~= "" then row("plan", plan_text(self, d)) end
  row(self.first, d.first)
  row(self.second, d.second)
  row("by", switch_text(d))
end

local function report_of(self)
  local lines = {}
  local function add_line(line) lines[#lines + 1] = line end
  local faults = ("%d plans of at most %s%s"):format(self.compared, plural(self.faults, "fault"), self.complete and "" or ", of which some were not tried")
  if #self.differences == 0 then
    add_line(("alike   %s and %s do the same under %s"):format(self.first, self.second, faults))
  else
    add_line(("differ  %s and %s in %d of %s: %s of difference"):format(self.first, self.second, self.differ, faults,
      plural(#self.differences, "kind")))
  end
  if self.apart > 0 then
    add_line(("        %s not compared: %s sends no such segment to strike"):format(plural(self.apart, "plan"), self.second))
  end
  for i, d in ipairs(self.differences) do add_difference(self, add_line, i, d) end
  return table.concat(lines, "\n") .. "\n"
end

-- dw.explore.

local function without(options, name)
  local copy = {}
  for k, v in pairs(options) do if k ~= name then copy[k] = v end end
  return copy
end

internal.on_differ(function(options, fn, profile)
  local found = internal.explore_plans(without(options, "against"), fn)
  local self = { fn = fn, first = profile, second = options.against, leaks = options.leaks ~= false, jobs = options.jobs or 1,
                 faults = found.faults, complete = found.complete, differences = {}, of_kind = {}, compared = 0, differ = 0, apart = 0 }
  deal(self, pieces_of(found.plans), function(piece) return perform_piece(self, piece) end,
    function(_, records) take_piece(self, records) end)
  find_switches(self)
  internal.differ_tell(report_of(self), #self.differences > 0)
  for _, d in ipairs(self.differences) do d.kind = nil end
  return { first = self.first, second = self.second, complete = self.complete, faults = self.faults, compared = self.compared,
           differ = self.differ, apart = self.apart, differences = self.differences }
end)
