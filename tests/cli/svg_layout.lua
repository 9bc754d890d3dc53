-- Whether the picture in a file (arg[1]) is well laid out: no label of a segment overlaps another one, nothing outside the bars or on the axis is set too closely, all is on the page.
local file = assert(io.open(arg[1]))
local svg = file:read "a"
file:close()
local left, top, width, height = svg:match 'viewBox="([%d.-]+) ([%d.-]+) ([%d.]+) ([%d.]+)"'
top, width, height = tonumber(top), tonumber(width), tonumber(height)
assert(left == "0" and top <= 0)
assert(width < 10000 and height < 10000, ("%.0f x %.0f pixels for a short exchange"):format(width, height))

-- Rectangles as four corners; two are apart when a side of one separates them.
local function corners(x, y, c, s, w, up, down)
  local list = {}
  for _, p in ipairs { { -w, -up }, { w, -up }, { w, down }, { -w, down } } do
    list[#list + 1] = { x + c * p[1] - s * p[2], y + s * p[1] + c * p[2] }
  end
  return list
end
local function separated(a, b)
  for i = 1, 4 do
    local p, q = a[i], a[i % 4 + 1]
    local nx, ny, least, most = q[2] - p[2], p[1] - q[1], math.huge, -math.huge
    for _, r in ipairs(b) do
      local d = (r[1] - p[1]) * nx + (r[2] - p[2]) * ny
      least, most = math.min(least, d), math.max(most, d)
    end
    if least > 0 then return true end
  end
  return false
end
local labels = {}
for class, c, s, x, y, text in svg:gmatch 'class="(%a+)" text%-anchor="middle" transform="matrix%(([%d.e+-]+) ([%d.e+-]+) [%d.e+-]+ [%d.e+-]+ ([%d.-]+) ([%d.-]+)%)">([^<]*)<' do
  text = text:gsub("&%a+;", "x")
  labels[#labels + 1] = { box = corners(tonumber(x), tonumber(y), tonumber(c), tonumber(s), utf8.len(text) * 6.02 / 2, 7.5, 1.5), text = text, class = class }
end
for i, a in ipairs(labels) do
  for _, p in ipairs(a.box) do
    assert(p[1] >= 0 and p[1] <= width and p[2] >= top and p[2] <= top + height, "not on the page: " .. a.text)
  end
  for k = i + 1, #labels do
    local b = labels[k]
    assert(separated(a.box, b.box) or separated(b.box, a.box), ("overlap: %s, %s"):format(a.text, b.text))
  end
end
-- Beside the bars and on the axis: lines of text, by side.
local sides = {}
for class, x, y, rest, text in svg:gmatch '<text class="([%a-]+)" x="([%d.-]+)" y="([%d.-]+)"([^>]*)>([^<]*)<' do
  if class == "state" or class == "call" or class == "timer" or class == "time" then
    local side = (class == "time" and "axis" or "side") .. x
    sides[side] = sides[side] or {}
    table.insert(sides[side], { tonumber(y), text })
    local w = #text * (class == "state" and 7 or 5.7)
    local left = rest:find "end" and tonumber(x) - w or tonumber(x)
    assert(left >= -4 and left + w <= width + 4, "not on the page: " .. text)
  end
end
for _, lines in pairs(sides) do
  table.sort(lines, function(a, b) return a[1] < b[1] end)
  for i = 2, #lines do
    assert(lines[i][1] - lines[i - 1][1] >= 10, ("too close: %s, %s"):format(lines[i - 1][2], lines[i][2]))
  end
end
print(#labels .. " labels")
