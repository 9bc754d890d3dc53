-- dw.plot: series as a picture for the terminal, as SVG, as CSV.  This file reads what it is given; plot_scale.lua has the
-- axes, plot_text.lua and plot_svg.lua draw.
local dw, internal = ...
local fail = internal.fail
local plot = {}
internal.plot = plot

-- Columns and rows of a terminal.
local largest = { width = 1000, height = 1000 }
local known = { title = "string", file = "string", width = "number", height = "number", x = "string", y = "string",
                divide = "number", from = "number", to = "number", top = "number", style = "string", log = "log" }
local known_line = { label = "string", points = "table", style = "string", markers = "boolean", band = "boolean", ends = "number" }
local known_panel = { lines = "table", title = "string", y = "string", divide = "number", top = "number", log = "log" }

local function finite(value)
  return type(value) == "number" and value - value == 0
end

local function check(given, names, what)
  for name, value in pairs(given) do
    local kind = names[name]
    if not kind then internal.unknown_option(name, what, internal.names_of(names)) end
    if kind == "log" then kind = type(value) == "boolean" and "boolean" or "string" end -- see log_of
    if type(value) ~= kind then fail(("%s.%s: expected a %s, got %s"):format(what, name, kind, type(value))) end
    if kind == "number" and not finite(value) then fail(("%s.%s: %s is not a size"):format(what, name, value)) end
    local most = kind == "number" and largest[name]
    if most and (value < 1 or value > most) then fail(("%s.%s: expected 1 to %d, got %s"):format(what, name, most, value)) end
  end
end

-- log: "x", "y" or "xy"; true is "y", for a panel and for all of them.  The axis of times is common to all panels.
local function log_of(value, what, own)
  if value == nil or value == false then return value end
  if value == true then return "y" end
  if value ~= "y" and own then
    fail(("%s.log: \"%s\" is not \"y\" or true (all panels have one axis of times: log = \"x\" among the options of dw.plot)"):format(what, value))
  end
  if value ~= "x" and value ~= "y" and value ~= "xy" then
    fail(("%s: log \"%s\" is not \"x\", \"y\" or \"xy\" (true is \"y\")"):format(what, value))
  end
  return value
end

-- { time, value }, { time, value, error } or { time, value, low, high }.
local function check_points(points, what)
  for i, point in ipairs(points) do
    for k = 1, 2 do
      local part = type(point) == "table" and point[k]
      if type(part) == "number" and not finite(part) then
        fail(("%s: point %d has a %s of %s, which cannot be drawn; leave it out"):format(what, i, k == 1 and "time" or "value", part))
      end
    end
    if type(point) ~= "table" or not finite(point[1]) or not finite(point[2]) then
      fail(("%s: point %d is not { time, value }"):format(what, i))
    end
    if (point[3] ~= nil and not finite(point[3])) or (point[4] ~= nil and not finite(point[4])) then
      fail(("%s: point %d: what follows the value is no error, nor a low and a high value"):format(what, i))
    end
    if point[5] ~= nil or (point[4] and not point[3]) then
      fail(("%s: point %d is not { time, value }, { time, value, error } or { time, value, low, high }"):format(what, i))
    end
    if point[4] and point[3] > point[4] then
      fail(("%s: point %d: the low value, %.14g, is above the high one, %.14g"):format(what, i, point[3], point[4]))
    end
    if point[3] and not point[4] and point[3] < 0 then
      fail(("%s: point %d: an error of %g is below 0; write how far it reaches, or a low and a high value"):format(what, i, point[3]))
    end
  end
  return points
end

-- When steps end: where the list says it, as those of trace:series do; nil: they go on to the edge.
local function ends_of(points, given)
  local ends = given or points.ends
  return finite(ends) and ends or nil
end

-- What changes at its points alone is drawn in steps: what trace:series and sim:sample return says so.
local function style_of(points) return type(points) == "table" and points.style or "line" end

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
      lines[#lines + 1] = { label = name, points = check_points(series[name], name), style = style_of(series[name]), ends = ends_of(series[name]) }
    end
  elseif type(series[1]) == "table" and series[1].points then
    for i, line in ipairs(series) do
      check(line, known_line, "dw.plot")
      local style = line.style or style_of(line.points)
      if style ~= "steps" and style ~= "line" and style ~= "points" then
        fail(("dw.plot: style \"%s\" is not \"steps\", \"line\" or \"points\""):format(style))
      end
      lines[i] = { label = line.label, points = check_points(line.points, line.label or "dw.plot"), style = style, markers = line.markers, band = line.band,
        ends = ends_of(line.points, line.ends) }
    end
  else
    lines[1] = { points = check_points(series, "dw.plot"), style = style_of(series), ends = ends_of(series) }
  end
  return lines
end

-- Names are shown on one line, whatever is in them.
local function shown(text) return text and internal.escape("line", text) end

-- Panels: { { lines = SERIES, y = "octets" }, ... }, or one of all that is given.
local function panels_of(series, o)
  local first = type(series) == "table" and series[1]
  if type(first) ~= "table" or not first.lines then
    return { { lines = lines_of(series), y = o.y, divide = o.divide, top = o.top } }
  end
  local panels = {}
  for i, given in ipairs(series) do
    local what = "dw.plot: panel " .. i
    if type(given) ~= "table" or not given.lines then fail(what .. " has no lines") end
    check(given, known_panel, what)
    if given.divide == 0 then fail(what .. ": divide must not be 0") end
    panels[i] = { lines = lines_of(given.lines), title = shown(given.title), y = shown(given.y), divide = given.divide or o.divide,
                  top = given.top, log = log_of(given.log, what, true) }
  end
  return panels
end

-- CSV: a row for each point; with its error, where one has some.

local function draw_csv(panels)
  local errors, out, n = false, {}, 0
  for _, panel in ipairs(panels) do
    for _, line in ipairs(panel.lines) do
      for _, point in ipairs(line.points) do errors = errors or point[3] ~= nil end
    end
  end
  out[1] = errors and "series,time,value,low,high" or "series,time,value"
  for _, panel in ipairs(panels) do
    for _, line in ipairs(panel.lines) do
      n = n + 1
      local label = internal.escape("csv", line.label or ("series" .. n))
      for _, point in ipairs(line.points) do
        local row = ("%s,%s,%s"):format(label, ("%.9f"):format(point[1]), ("%.14g"):format(point[2]))
        if errors then row = row .. (",%.14g,%.14g"):format(plot.extent(point)) end
        out[#out + 1] = row
      end
    end
  end
  return table.concat(out, "\n") .. "\n"
end

-- gnuplot: a script with its data, for `gnuplot -p FILE`.

local function gnuplot_panel(put, panel, first)
  local function quoted(text) return internal.escape("gnuplot", text) end
  put("set ylabel %s noenhanced", quoted(panel.y or ""))
  put("%s logscale y", panel.log and "set" or "unset")
  if panel.title then put("set title %s noenhanced", quoted(panel.title)) end
  put("set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]", panel.x.low, panel.x.high, panel.axis.low, panel.axis.high)
  local with = { points = "points pt 7 ps 0.4", steps = "steps lw 1.5" }
  local plots = {}
  for i, line in ipairs(panel.lines) do
    local block, title = "$series" .. first + i - 1, quoted(line.label or "")
    local how = with[line.style] or line.markers and "linespoints lw 1.5" or "lines lw 1.5"
    plots[#plots + 1] = ("%s using 1:2 with %s title %s noenhanced"):format(block, how, title)
    local errors = false
    for _, point in ipairs(line.points) do errors = errors or point[3] ~= nil end
    local around = line.band and "%s using 1:3:4 with filledcurves fs transparent solid 0.15 notitle" or "%s using 1:2:3:4 with yerrorbars notitle"
    if errors then plots[#plots + 1] = around:format(block) end
  end
  put("plot %s", table.concat(plots, ", \\\n     "))
end

local function draw_gnuplot(panels, o)
  local out, n = {}, 0
  local function put(format, ...) out[#out + 1] = format:format(...) end
  local function quoted(text) return internal.escape("gnuplot", text) end
  put("# Made by drywire; gnuplot -p FILE shows it.")
  for _, panel in ipairs(panels) do
    for _, line in ipairs(panel.lines) do
      n = n + 1
      put("$series%d << end", n)
      for _, point in ipairs(line.points) do
        if point[3] then put("%.9f %.14g %.14g %.14g", point[1], point[2], plot.extent(point)) else put("%.9f %.14g", point[1], point[2]) end
      end
      put("end")
    end
  end
  if o.title and #panels == 1 then put("set title %s noenhanced", quoted(o.title)) end
  put("set xlabel %s noenhanced", quoted(o.x or "s"))
  if panels[1].x.log then put "set logscale x" end
  put("set grid\nset key outside top right")
  if #panels > 1 then put("set multiplot layout %d,1 title %s noenhanced", #panels, quoted(o.title or "")) end
  n = 1
  for _, panel in ipairs(panels) do
    gnuplot_panel(put, panel, n)
    n = n + #panel.lines
  end
  if #panels > 1 then put "unset multiplot" end
  return table.concat(out, "\n") .. "\n"
end

-- What a file's name ends in decides what is written.
local writers = { svg = function(...) return plot.draw_svg(...) end, csv = draw_csv, gnuplot = draw_gnuplot, gp = draw_gnuplot }

-- With --plots DIR each picture is written as DIR/SCRIPT.svg, the second as DIR/SCRIPT-2.svg.
local drawn = 0

local function write_for_command(panels, o)
  local place = not internal.swarm_drawing and internal.plots() -- not one for each run of a swarm
  if not place then return end
  drawn = drawn + 1
  internal.write(place .. (drawn > 1 and "-" .. drawn or "") .. ".svg", plot.draw_svg(panels, o))
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
  o.log = log_of(o.log, "dw.plot") or nil
  if o.divide == 0 then fail "dw.plot: divide must not be 0" end
  if o.from and o.to and o.from >= o.to then fail(("dw.plot: from = %g does not lie before to = %g"):format(o.from, o.to)) end
  local panels = panels_of(series, o)
  for _, panel in ipairs(panels) do
    for _, line in ipairs(panel.lines) do line.label = shown(line.label) end
  end
  plot.measure(panels, o)
  if o.file then
    local write = writers[o.file:match "%.(%w+)$"]
    if not write then fail(("dw.plot.file: \"%s\" does not end in .svg, .csv, .gnuplot or .gp"):format(o.file)) end
    internal.write(internal.beside(o.file), write(panels, o))
  end
  write_for_command(panels, o)
  return plot.draw_text(panels, o)
end
