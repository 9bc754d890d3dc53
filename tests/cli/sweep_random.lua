-- A sweep: one seed has the same random streams at every point, whatever was done before; a seed of one's own wins.
local dw = require "drywire"

local function draws(sim)
  local list = {}
  for _, name in ipairs { "traffic", "link" } do list[#list + 1] = sim:random(name):integer(1, 1 << 40) end
  return list[1], list[2], math.random(1 << 40)
end

local result = dw.sweep({ mode = { "early", "late", "twice" }, own = { false, true }, seed = dw.range(1, 8) }, function(point)
  if point.mode == "late" then math.random(); dw.sim { seed = 99 } end -- another simulation before
  if point.mode == "twice" then dw.sim() end
  local sim = dw.sim { seed = point.own and 5 or nil }
  assert(sim:seed() == (point.own and 5 or point.seed))
  local a, b, c = draws(sim)
  return { a = a, b = b, c = c }
end)
assert(result.runs == 48 and result.points == 6 and #result.errors == 0)

local rows, by = result:rows(), {}
assert(#rows == 18)
for _, row in ipairs(rows) do
  assert(row.n == 8 and row.errors == 0)
  by[("%s %s %s"):format(row.of, row.point.own, row.point.mode)] = table.concat(row.values, " ")
end
for _, name in ipairs { "a", "b", "c" } do
  for _, own in ipairs { "false", "true" } do
    assert(by[("%s %s early"):format(name, own)] == by[("%s %s late"):format(name, own)])
    assert(by[("%s %s early"):format(name, own)] == by[("%s %s twice"):format(name, own)])
  end
  local different = {}
  for value in by[name .. " false early"]:gmatch "%S+" do different[value] = true end
  local count = 0
  for _ in pairs(different) do count = count + 1 end
  assert(count == 8, "eight seeds have eight streams")
end

-- The order of rows: of names, or of a list; the last parameter changes first.
local function order(space)
  local list = {}
  for _, row in ipairs(dw.sweep(space, function(p) return p.x end):rows()) do list[#list + 1] = row.point.x .. row.point.y end
  return table.concat(list, " ")
end
assert(order { y = { "a", "b" }, x = { 1, 2 } } == "1a 1b 2a 2b")
assert(order { { y = { "a", "b" } }, { x = { 1, 2 } } } == "1a 2a 1b 2b")
assert(order { { y = { "b", "a" } }, { seed = { 3, 1 } }, { x = { 2 } } } == "2b 2a")
