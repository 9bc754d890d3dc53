-- A plot as SVG.
local _, internal = ...
local plot = internal.plot

-- Colours that stay apart for the colour-blind (Okabe and Ito), for a light and a dark page; dashes and the shapes of
-- markers tell them apart in print.
local light = { "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56606b" }
local dark = { "#56b4e9", "#ff9a56", "#3ddbaa", "#f0a6cf", "#f0e442", "#aab4be" }
local dashes = { "", "6 3", "2 3", "8 3 2 3", "1 2", "12 4" }
local shapes = { "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z", "m-2.6 -2.6h5.2v5.2h-5.2z", "m0 -3.4l3.2 5.8h-6.4z", "m0 -3.6l3.2 3.6l-3.2 3.6l-3.2 -3.6z",
                 "m-3.4 0l3.4 -1l3.4 1l-3.4 1zm3.4 -3.4l1 3.4l-1 3.4l-1 -3.4z", "m0 3.4l3.2 -5.8h-6.4z" }

local MARKS = 5 -- on an axis of values, about
local MARKERS = 200 -- of a line: more would be a blot; points are dots then
local W, RIGHT, TOP, BOTTOM = 760, 16, 50, 44
local PANEL, SEVERAL, BETWEEN = 246, 168, 40 -- the area's height, alone and with others; from one to the next
local HEADROOM = 6                           -- above the highest mark

local function escape(text) return internal.escape("xml", text) end

-- What is far outside is so far outside, and no farther.
local function coordinate(value)
  return (("%.1f"):format(math.max(-1e5, math.min(1e5, value))):gsub("%.0$", ""))
end

-- Those in the area, and the neighbours on both sides that lines come from and lead to.
local function within(points, x)
  local first, last = 1, #points
  while first < #points and points[first + 1][1] <= x.low do first = first + 1 end
  while last > 1 and points[last - 1][1] >= x.high do last = last - 1 end
  return table.move(points, first, last, 1, {})
end

-- At most four points for each pixel: the first, the last and both extremes, so that nothing vanishes.
local function thin(points, x)
  local kept, i = {}, 1
  while i <= #points do
    local column, low, high, last = math.floor(x(points[i][1])), i, i, i
    while last < #points and math.floor(x(points[last + 1][1])) == column do
      last = last + 1
      if points[last][2] < points[low][2] then low = last end
      if points[last][2] > points[high][2] then high = last end
    end
    local order = { i, math.min(low, high), math.max(low, high), last }
    local before
    for _, k in ipairs(order) do
      if k ~= before then kept[#kept + 1] = points[k] end
      before = k
    end
    i = last + 1
  end
  return kept
end

local function style(put)
  put "<style>"
  put "text { font: 12px system-ui, sans-serif; fill: #333a42 } .title { font-size: 14px; font-weight: 600 } .unit { font-style: italic }"
  put ".grid { stroke: #d9dee3; stroke-width: 1 } .axis { stroke: #56606b; stroke-width: 1 }"
  put ".line { fill: none; stroke-width: 1.6; stroke-linejoin: round } .page { fill: #fff } .error { stroke-width: 1.2; fill: none } .dots { stroke-width: 2; stroke-linecap: round; fill: none }"
  for i, colour in ipairs(light) do put(".s%d { stroke: %s } .p%d { fill: %s }", i, colour, i, colour) end
  put "@media (prefers-color-scheme: dark) {"
  put "text { fill: #d6dce2 } .grid { stroke: #343c45 } .axis { stroke: #98a2ac } .page { fill: #14181d }"
  for i, colour in ipairs(dark) do put(".s%d { stroke: %s } .p%d { fill: %s }", i, colour, i, colour) end
  put "}"
  put "</style>"
end

local function marker(put, k, x, y)
  put('<path class="p%d" d="M%s %s%s"/>', k, coordinate(x), coordinate(y), shapes[k])
end

-- The legend, in the row above the area.
local function legend(put, panel, left, y)
  local at = left
  if panel.title then
    put('<text class="title" x="%d" y="%d">%s</text>', at, y, escape(panel.title))
    at = at + 8 * utf8.len(panel.title) + 24
  end
  for i, line in ipairs(panel.lines) do
    local k = (i - 1) % #light + 1
    if line.label then
      if line.style ~= "points" then
        put('<line class="line s%d" stroke-dasharray="%s" x1="%d" x2="%d" y1="%d" y2="%d"/>', k, dashes[k], at, at + 20, y - 4, y - 4)
      end
      if line.style == "points" or line.markers then marker(put, k, at + 10, y - 4) end
      put('<text x="%d" y="%d">%s</text>', at + 26, y, escape(line.label))
      at = at + 42 + 7 * utf8.len(line.label)
    end
  end
end

local function error_bars(put, k, points, x, y)
  for _, point in ipairs(points) do
    if point[3] then
      local low, high = plot.extent(point)
      local at = coordinate(x(point[1]))
      put('<path class="error s%d" d="M%s %sV%sm-3 0h6M%s %sm-3 0h6"/>', k, at, coordinate(y(low)), coordinate(y(high)), at, coordinate(y(low)))
    end
  end
end

-- What the errors reach, as one area behind the line.
local function draw_band(put, panel, line, k, x, y)
  local upper, lower = {}, {}
  for _, point in ipairs(line.band and within(line.points, panel.x) or {}) do
    if point[3] then
      local low, high = plot.extent(point)
      local at = coordinate(x(point[1]))
      upper[#upper + 1] = at .. " " .. coordinate(y(high))
      table.insert(lower, 1, at .. " " .. coordinate(y(low)))
    end
  end
  if #upper > 1 then put('<path class="band p%d" fill-opacity="0.15" d="M%sL%sz"/>', k, table.concat(upper, "L"), table.concat(lower, "L")) end
end

local function draw_line(put, panel, line, k, x, y)
  draw_band(put, panel, line, k, x, y)
  local points = thin(within(line.points, panel.x), x)
  if line.style == "points" or #points == 0 then return end
  local path, before = {}, nil
  for _, point in ipairs(points) do
    local px, py = coordinate(x(point[1])), coordinate(y(point[2]))
    if not before then
      path[1] = "M" .. px .. " " .. py
    elseif line.style == "steps" then
      path[#path + 1] = "H" .. px .. "V" .. py
    else
      path[#path + 1] = "L" .. px .. " " .. py
    end
    before = point
  end
  local ends = math.max(points[#points][1], math.min(line.ends or panel.x.high, panel.x.high))
  if line.style == "steps" then path[#path + 1] = "H" .. coordinate(x(ends)) end
  put('<path class="line s%d" stroke-dasharray="%s" d="%s"/>', k, dashes[k], table.concat(path))
end

local function draw_marks(put, panel, line, k, x, y)
  local points = within(line.points, panel.x)
  if not line.band then error_bars(put, k, points, x, y) end
  if line.style ~= "points" and not line.markers then return end
  if #points <= MARKERS then
    for _, point in ipairs(points) do marker(put, k, x(point[1]), y(point[2])) end
  elseif line.style == "points" then
    local dots = {}
    for i, point in ipairs(thin(points, x)) do dots[i] = ("M%s %sh0"):format(coordinate(x(point[1])), coordinate(y(point[2]))) end
    put('<path class="dots s%d" d="%s"/>', k, table.concat(dots))
  end
end

-- One area with its axes; the lowest has the marks of the times.
local function draw_panel(put, panel, left, top, height, lowest, number)
  local bottom = top + height
  local function x(time) return left + plot.part(panel.x, time) * (W - left - RIGHT) end
  local function y(value) return bottom - plot.part(panel.axis, value) * (height - HEADROOM) end
  for _, mark in ipairs(plot.marks(panel.axis, MARKS)) do
    put('<line class="grid" x1="%d" x2="%d" y1="%s" y2="%s"/>', left, W - RIGHT, coordinate(y(mark)), coordinate(y(mark)))
    put('<text x="%d" y="%s" text-anchor="end">%s</text>', left - 8, coordinate(y(mark) + 4), plot.number(mark))
  end
  for _, mark in ipairs(plot.marks(panel.x, 8)) do
    local at = coordinate(x(mark))
    put('<line class="axis" x1="%s" x2="%s" y1="%d" y2="%d"/>', at, at, bottom, bottom + 4)
    if lowest then put('<text x="%s" y="%d" text-anchor="middle">%s</text>', at, bottom + 18, plot.number(mark)) end
  end
  put('<path class="axis" fill="none" d="M%d %dV%dH%d"/>', left, top, bottom, W - RIGHT)
  if panel.y then
    put('<text class="unit" text-anchor="middle" transform="translate(16 %s) rotate(-90)">%s</text>', coordinate(top + height / 2), escape(panel.y))
  end
  legend(put, panel, left, top - 10)
  -- Markers at the edge are whole.
  for _, layer in ipairs { { "area", 0, draw_line }, { "marks", 4, draw_marks } } do
    local name, around, draw = table.unpack(layer)
    put('<clipPath id="%s%s"><rect x="%d" y="%d" width="%d" height="%d"/></clipPath>', name, number, left - around, top - 4, W - left - RIGHT + 2 * around, height + 5 + around)
    put('<g clip-path="url(#%s%s)">', name, number)
    for i, line in ipairs(panel.lines) do draw(put, panel, line, (i - 1) % #light + 1, x, y) end
    put "</g>"
  end
end

-- As wide as the longest number beside an axis.
local function left_of(panels)
  local longest, titled = 0, false
  for _, panel in ipairs(panels) do
    for _, mark in ipairs(plot.marks(panel.axis, MARKS)) do longest = math.max(longest, #plot.number(mark)) end
    titled = titled or panel.y ~= nil
  end
  return math.max(64, 16 + 8 * longest + (titled and 14 or 0))
end

function plot.draw_svg(panels, o)
  local out = {}
  local function put(...) out[#out + 1] = (...):format(select(2, ...)) end
  for _, panel in ipairs(panels) do plot.fit(panel.axis, MARKS) end
  local height = #panels == 1 and PANEL or SEVERAL
  local H = TOP + #panels * height + (#panels - 1) * BETWEEN + BOTTOM
  local left = left_of(panels)
  put('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">', W, H, W, H)
  put("<title>%s</title>", escape(o.title or "plot"))
  style(put)
  put('<rect class="page" width="%d" height="%d"/>', W, H)
  if o.title then put('<text class="title" x="%d" y="20">%s</text>', left, escape(o.title)) end
  for i, panel in ipairs(panels) do
    draw_panel(put, panel, left, TOP + (i - 1) * (height + BETWEEN), height, i == #panels, #panels == 1 and "" or i)
  end
  put('<text x="%d" y="%d" text-anchor="middle">%s</text>', (left + W - RIGHT) // 2, H - 8, escape(o.x or "seconds"))
  put "</svg>"
  return table.concat(out, "\n") .. "\n"
end
