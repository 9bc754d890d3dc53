-- dw.plot: series as a picture for the terminal, as SVG, as CSV.
local dw, internal = ...
local fail = internal.fail

-- Columns and rows of a terminal.
local largest = { width = 1000, height = 1000 }
local known = { title = "string", file = "string", width = "number", height = "number", x = "string", y = "string",
                divide = "number", from = "number", to = "number", top = "number", style = "string" }
local known_line = { label = "string", points = "table", style = "string" }

local function finite(value)
  return type(value) == "number" and value - value == 0
end

local function check(given, names, what)
  for name, value in pairs(given) do
    local kind = names[name]
    if not kind then
      local list = {}
      for word in pairs(names) do list[#list + 1] = word end
      table.sort(list)
      local near = internal.nearest(tostring(name), list)
      fail(("unknown option \"%s\" for %s; %s"):format(name, what, near and ('did you mean "%s"?'):format(near)
        or "expected one of: " .. table.concat(list, ", ")))
    end
    if type(value) ~= kind then fail(("%s.%s: expected a %s, got %s"):format(what, name, kind, type(value))) end
    if kind == "number" and not finite(value) then fail(("%s.%s: %s is not a size"):format(what, name, value)) end
    local most = kind == "number" and largest[name]
    if most and (value < 1 or value > most) then fail(("%s.%s: expected 1 to %d, got %s"):format(what, name, most, value)) end
  end
end

local function check_points(points, what)
  for i, point in ipairs(points) do
    if type(point) ~= "table" or not finite(point[1]) or not finite(point[2]) then
      fail(("%s: point %d is not { time, value }"):format(what, i))
    end
  end
  return points
end

-- What is to be drawn, as a list of { label, points, style }.
local function lines_of(series)
  if type(series) ~= "table" then fail("dw.plot: expected series, got " .. type(series)) end
  local lines = {}
  if series[1] == nil then
    local names = {}
    for name in pairs(series) do names[#names + 1] = name end
    table.sort(names)
    for _, name in ipairs(names) do
      if type(series[name]) ~= "table" then fail(("dw.plot: \"%s\" is not a series"):format(name)) end
      lines[#lines + 1] = { label = name, points = check_points(series[name], name), style = "steps" }
    end
  elseif type(series[1]) == "table" and series[1].points then
    for i, line in ipairs(series) do
      check(line, known_line, "dw.plot")
      local style = line.style or "steps"
      if style ~= "steps" and style ~= "line" and style ~= "points" then
        fail(("dw.plot: style \"%s\" is not \"steps\", \"line\" or \"points\""):format(style))
      end
      lines[i] = { label = line.label, points = check_points(line.points, line.label or "dw.plot"), style = style }
    end
  else
    lines[1] = { points = check_points(series, "dw.plot"), style = "steps" }
  end
  return lines
end

-- Names are shown on one line, whatever is in them.
local function shown(text) return text and internal.escape("line", text) end

-- A step that makes a readable scale of about so many marks: 1, 2 or 5 times a power of ten.
local function step_for(span, marks)
  local power = 1.0
  while power * 10 <= span / marks do power = power * 10 end
  while power > span / marks do power = power / 10 end
  for _, factor in ipairs { 1, 2, 5, 10 } do
    if power * factor * marks >= span then return power * factor end
  end
  return power * 10
end

local function number(value)
  local text = ("%.6g"):format(value)
  if not text:find("[e.]") then
    local n = 1
    while n > 0 do text, n = text:gsub("^(-?%d+)(%d%d%d)", "%1,%2") end
  end
  return text
end

-- The end of an axis: where it would have no length, or none that its numbers can be divided by, one that it has.
local function beyond(low, high, what)
  local least = math.max(math.abs(low), math.abs(high), 1e-280) * 1e-12
  if high - low == math.huge then
    fail(("dw.plot: %s from %g to %g are too far apart to draw"):format(what, low, high))
  end
  if high - low > least then return high end
  return low + math.max(1, least * 1e3)
end

-- The area: where it begins and ends, and values as they are drawn.
local function frame_of(lines, o)
  local f = { from = o.from, to = o.to, top = o.top, bottom = 0 }
  local divide = o.divide or 1
  local last, first, most, least = nil, nil, nil, 0
  for _, line in ipairs(lines) do
    local points = {}
    for i, point in ipairs(line.points) do
      local value = point[2] / divide
      if not finite(value) then fail(("dw.plot: %g divided by %g is too large to draw"):format(point[2], divide)) end
      points[i] = { point[1], value }
    end
    line.points = points
    for _, point in ipairs(points) do
      if not first or point[1] < first then first = point[1] end
      if not last or point[1] > last then last = point[1] end
      if point[1] >= (o.from or point[1]) and point[1] <= (o.to or point[1]) then
        if not most or point[2] > most then most = point[2] end
        if point[2] < least then least = point[2] end
      end
    end
  end
  f.to = f.to or last or 1
  if not f.from then -- from the beginning of the run, where that costs little room
    f.from = first and (first < 0 or first > f.to / 4) and first or 0
  end
  f.empty = first == nil
  f.to = beyond(f.from, f.to, "times")
  f.top = beyond(least, f.top or most or 1, "values")
  f.bottom = least
  return f
end

-- Marks of an axis: multiples of a step between low and high.
local function marks_of(low, high, count)
  local step, marks = step_for(high - low, count), {}
  local first = math.ceil(low / step - 1e-9)
  for i = 0, 2 * count + 2 do
    local at = (first + i) * step
    if at > high + step * 1e-9 then break end
    marks[#marks + 1] = math.abs(at) < step * 1e-9 and 0 or at
  end
  return marks
end

-- The terminal.

local glyphs = { unicode = { "●", "○", "×", "+", "◆", "◇" }, ascii = { "*", "o", "x", "+", "#", "@" } }

local function draw_text(lines, f, o)
  local ascii = o.style == "ascii"
  local glyph = ascii and glyphs.ascii or glyphs.unicode
  local rows = math.max(4, math.floor(o.height or 14))
  local marks = marks_of(f.bottom, f.top, math.max(2, rows // 3))
  local margin = 0
  for _, mark in ipairs(marks) do margin = math.max(margin, #number(mark)) end
  local columns = math.max(8, math.floor(o.width or 78) - margin - 3)
  local cells = {}
  for row = 1, rows do cells[row] = {} end
  local function row_of(value)
    local part = (value - f.bottom) / (f.top - f.bottom)
    return rows - math.floor(part * (rows - 1) + 0.5)
  end
  local function column_of(time)
    return 1 + math.floor((time - f.from) / (f.to - f.from) * (columns - 1) + 0.5)
  end
  local function set(column, value, g)
    local row = row_of(value)
    if row >= 1 and row <= rows and column >= 1 and column <= columns then cells[row][column] = g end
  end
  for i = #lines, 1, -1 do                      -- the first is on top
    local line, g, before = lines[i], glyph[(i - 1) % #glyph + 1], nil
    for _, point in ipairs(line.points) do
      local column = column_of(point[1])
      if before and line.style ~= "points" then
        for between = math.max(1, column_of(before[1]) + 1), math.min(columns, column - 1) do
          local value = before[2]
          if line.style == "line" then
            local part = (between - column_of(before[1])) / (column - column_of(before[1]))
            value = before[2] + part * (point[2] - before[2])
          end
          set(between, value, g)
        end
      end
      set(column, point[2], g)
      before = point
    end
    if before and line.style == "steps" then
      for column = math.max(1, column_of(before[1]) + 1), columns do set(column, before[2], g) end
    end
  end

  local out = {}
  if o.title then out[#out + 1] = (" "):rep(margin + 2) .. o.title end
  local legend = {}
  for i, line in ipairs(lines) do
    if line.label then legend[#legend + 1] = glyph[(i - 1) % #glyph + 1] .. " " .. line.label end
  end
  local above = o.y or ""
  if #legend > 0 then above = (above ~= "" and above .. "     " or "") .. table.concat(legend, "   ") end
  if above ~= "" then out[#out + 1] = (" "):rep(margin + 2) .. above end
  local labels = {}
  for _, mark in ipairs(marks) do labels[row_of(mark)] = number(mark) end
  for row = 1, rows do
    local parts = {}
    for column = 1, columns do parts[column] = cells[row][column] or " " end
    local label = labels[row] or ""
    local edge = ascii and "|" or labels[row] and "┤" or "│"
    out[#out + 1] = ((" "):rep(margin - #label) .. label .. " " .. edge .. table.concat(parts)):gsub("%s+$", "")
  end
  local axis, below, used = {}, {}, 0
  for column = 1, columns do axis[column] = ascii and "-" or "─" end
  for _, mark in ipairs((marks_of(f.from, f.to, math.max(2, columns // 12)))) do
    local column, text = column_of(mark), number(mark)
    axis[column] = ascii and "+" or "┴"
    local at = math.max(used, column - 1 - #text // 2)
    if at + #text <= columns + 2 then
      below[#below + 1] = (" "):rep(at - used) .. text
      used = at + #text + 1
      below[#below + 1] = " "
    end
  end
  out[#out + 1] = (" "):rep(margin + 1) .. (ascii and "+" or "└") .. table.concat(axis)
  out[#out + 1] = ((" "):rep(margin + 2) .. table.concat(below):gsub("%s+$", "") .. " " .. (o.x or "s"))
  if f.empty then out[#out + 1] = (" "):rep(margin + 2) .. "(no points)" end
  return table.concat(out, "\n")
end

-- SVG.

-- Colours that stay apart for the colour-blind (Okabe and Ito), for a light and a dark page; dashes tell them apart
-- in print.
local light = { "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56606b" }
local dark = { "#56b4e9", "#ff9a56", "#3ddbaa", "#f0a6cf", "#f0e442", "#aab4be" }
local dashes = { "", "6 3", "2 3", "8 3 2 3", "1 2", "12 4" }

local function escape(text) return internal.escape("xml", text) end

-- What is far outside is so far outside, and no farther.
local function coordinate(value)
  return (("%.1f"):format(math.max(-1e5, math.min(1e5, value))):gsub("%.0$", ""))
end

-- Those in the area, and the neighbours on both sides that lines come from and lead to.
local function within(points, f)
  local first, last = 1, #points
  while first < #points and points[first + 1][1] <= f.from do first = first + 1 end
  while last > 1 and points[last - 1][1] >= f.to do last = last - 1 end
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

local function draw_svg(lines, f, o)
  local W, H, left, right, top, bottom = 760, 340, 64, 16, 50, 44
  local out = {}
  local function put(...) out[#out + 1] = (...):format(select(2, ...)) end
  local function x(time) return left + (time - f.from) / (f.to - f.from) * (W - left - right) end
  local function y(value) return H - bottom - (value - f.bottom) / (f.top - f.bottom) * (H - top - bottom) end
  put('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">', W, H, W, H)
  put("<title>%s</title>", escape(o.title or "plot"))
  put "<style>"
  put "text { font: 12px system-ui, sans-serif; fill: #333a42 } .title { font-size: 14px; font-weight: 600 } .unit { font-style: italic }"
  put ".grid { stroke: #d9dee3; stroke-width: 1 } .axis { stroke: #56606b; stroke-width: 1 }"
  put ".line { fill: none; stroke-width: 1.6; stroke-linejoin: round } .page { fill: #fff }"
  for i, colour in ipairs(light) do put(".s%d { stroke: %s } .p%d { fill: %s }", i, colour, i, colour) end
  put "@media (prefers-color-scheme: dark) {"
  put "text { fill: #d6dce2 } .grid { stroke: #343c45 } .axis { stroke: #98a2ac } .page { fill: #14181d }"
  for i, colour in ipairs(dark) do put(".s%d { stroke: %s } .p%d { fill: %s }", i, colour, i, colour) end
  put "}"
  put "</style>"
  put('<rect class="page" width="%d" height="%d"/>', W, H)
  if o.title then put('<text class="title" x="%d" y="20">%s</text>', left, escape(o.title)) end
  for _, mark in ipairs((marks_of(f.bottom, f.top, 5))) do
    put('<line class="grid" x1="%d" x2="%d" y1="%s" y2="%s"/>', left, W - right, coordinate(y(mark)), coordinate(y(mark)))
    put('<text x="%d" y="%s" text-anchor="end">%s</text>', left - 8, coordinate(y(mark) + 4), number(mark))
  end
  for _, mark in ipairs((marks_of(f.from, f.to, 8))) do
    put('<line class="axis" x1="%s" x2="%s" y1="%d" y2="%d"/>', coordinate(x(mark)), coordinate(x(mark)), H - bottom, H - bottom + 4)
    put('<text x="%s" y="%d" text-anchor="middle">%s</text>', coordinate(x(mark)), H - bottom + 18, number(mark))
  end
  put('<line class="axis" x1="%d" x2="%d" y1="%d" y2="%d"/>', left, W - right, H - bottom, H - bottom)
  put('<text x="%d" y="%d" text-anchor="end">%s</text>', W - right, H - 8, escape(o.x or "s"))
  -- What the axis counts, and the legend, in one row above the area.
  local at = left
  if o.y then
    put('<text class="unit" x="16" y="40">%s</text>', escape(o.y))
    at = math.max(left, 16 + 7 * utf8.len(o.y) + 16)
  end
  for i, line in ipairs(lines) do
    local k = (i - 1) % #light + 1
    if line.label then
      if line.style == "points" then
        put('<circle class="p%d" cx="%d" cy="36" r="3"/>', k, at + 10)
      else
        put('<line class="line s%d" stroke-dasharray="%s" x1="%d" x2="%d" y1="36" y2="36"/>', k, dashes[k], at, at + 20)
      end
      put('<text x="%d" y="40">%s</text>', at + 26, escape(line.label))
      at = at + 42 + 7 * utf8.len(line.label)
    end
  end
  put('<clipPath id="area"><rect x="%d" y="%d" width="%d" height="%d"/></clipPath>', left, top - 4, W - left - right, H - top - bottom + 5)
  put '<g clip-path="url(#area)">'
  for i, line in ipairs(lines) do
    local k = (i - 1) % #light + 1
    local points = thin(within(line.points, f), x)
    if line.style == "points" then
      for _, point in ipairs(points) do
        put('<circle class="p%d" cx="%s" cy="%s" r="2.2"/>', k, coordinate(x(point[1])), coordinate(y(point[2])))
      end
    elseif #points > 0 then
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
      if line.style == "steps" then path[#path + 1] = "H" .. coordinate(x(f.to)) end
      put('<path class="line s%d" stroke-dasharray="%s" d="%s"/>', k, dashes[k], table.concat(path))
    end
  end
  put "</g>"
  put "</svg>"
  return table.concat(out, "\n") .. "\n"
end

-- CSV: a row for each point.

local function draw_csv(lines)
  local out = { "series,time,value" }
  for i, line in ipairs(lines) do
    local label = line.label or ("series" .. i)
    label = internal.escape("csv", label)
    for _, point in ipairs(line.points) do
      out[#out + 1] = ("%s,%s,%s"):format(label, ("%.9f"):format(point[1]), ("%.14g"):format(point[2]))
    end
  end
  return table.concat(out, "\n") .. "\n"
end

-- gnuplot: a script with its data, for `gnuplot -p FILE`.

local function draw_gnuplot(lines, f, o)
  local out = {}
  local function put(format, ...) out[#out + 1] = format:format(...) end
  local function quoted(text) return internal.escape("gnuplot", text) end
  put("# Made by drywire; gnuplot -p FILE shows it.")
  if o.title then put("set title %s noenhanced", quoted(o.title)) end
  put("set xlabel %s noenhanced", quoted(o.x or "s"))
  if o.y then put("set ylabel %s noenhanced", quoted(o.y)) end
  put("set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\nset grid\nset key outside top right", f.from, f.to, f.bottom, f.top)
  for i, line in ipairs(lines) do
    put("$series%d << end", i)
    for _, point in ipairs(line.points) do put("%.9f %.14g", point[1], point[2]) end
    put("end")
  end
  local with = { points = "points pt 7 ps 0.4", steps = "steps lw 1.5" }
  local plots = {}
  for i, line in ipairs(lines) do
    plots[i] = ("$series%d with %s title %s noenhanced"):format(i, with[line.style] or "lines lw 1.5", quoted(line.label or ""))
  end
  put("plot %s", table.concat(plots, ", \\\n     "))
  return table.concat(out, "\n") .. "\n"
end

-- What a file's name ends in decides what is written.
local writers = { svg = draw_svg, csv = draw_csv, gnuplot = draw_gnuplot, gp = draw_gnuplot }

-- With --plots DIR each picture is written as DIR/SCRIPT.svg, the second as DIR/SCRIPT-2.svg.
local drawn = 0

local function write_for_command(lines, f, o)
  local place = internal.plots()
  if not place then return end
  drawn = drawn + 1
  internal.write(place .. (drawn > 1 and "-" .. drawn or "") .. ".svg", draw_svg(lines, f, o))
end

--- Draw series: the text for a terminal is returned; a `file` is written as well, as its name ends: .svg, .csv, .gnuplot.
function dw.plot(series, given)
  if type(given or {}) ~= "table" then fail("dw.plot: expected a table of options, got " .. type(given)) end
  local o = {}
  for name, value in pairs(given or {}) do o[name] = value end
  check(o, known, "dw.plot")
  o.title, o.x, o.y = shown(o.title), shown(o.x), shown(o.y)
  if o.style and o.style ~= "ascii" and o.style ~= "unicode" then
    fail(("dw.plot: style \"%s\" is not \"unicode\" or \"ascii\""):format(o.style))
  end
  if o.divide == 0 then fail "dw.plot: divide must not be 0" end
  local lines = lines_of(series)
  for _, line in ipairs(lines) do line.label = shown(line.label) end
  local f = frame_of(lines, o)
  if o.file then
    local write = writers[o.file:match "%.(%w+)$"]
    if not write then fail(("dw.plot.file: \"%s\" does not end in .svg, .csv, .gnuplot or .gp"):format(o.file)) end
    internal.write(internal.beside(o.file), write(lines, f, o))
  end
  write_for_command(lines, f, o)
  return draw_text(lines, f, o)
end
