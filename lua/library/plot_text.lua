-- A plot for the terminal.
local _, internal = ...
local plot = internal.plot

local glyphs = { unicode = { "●", "○", "×", "+", "◆", "◇" }, ascii = { "*", "o", "x", "+", "#", "@" } }

-- Error bars: the upper end, between, the lower end.
local error_bars = { unicode = { "┬", "│", "┴" }, ascii = { "-", "|", "-" } }

-- Beside what is drawn already, so that the values stay readable.
local function draw_error(point, row_of, column_of, put)
  if not point[3] then return end
  local low, high = plot.extent(point)
  local column, top, bottom = column_of(point[1]), row_of(high), row_of(low)
  for row = top, bottom do
    put(column, row, row == top and 1 or row == bottom and 3 or 2)
  end
end

-- The area, as rows of cells.
local function cells_of(panel, rows, columns, glyph, bars)
  local cells = {}
  for row = 1, rows do cells[row] = {} end
  local function row_of(value) return rows - math.floor(plot.part(panel.axis, value) * (rows - 1) + 0.5) end
  local function column_of(time) return 1 + math.floor(plot.part(panel.x, time) * (columns - 1) + 0.5) end
  local function set(column, value, g)
    local row = row_of(value)
    if row >= 1 and row <= rows and column >= 1 and column <= columns then cells[row][column] = g end
  end
  local function put_bar(column, row, ending)
    local inside = row >= 1 and row <= rows and column >= 1 and column <= columns
    if inside and not cells[row][column] then cells[row][column] = bars[ending] end
  end
  for i = #panel.lines, 1, -1 do                      -- the first is on top
    local line, g, before = panel.lines[i], glyph[(i - 1) % #glyph + 1], nil
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
      local last = line.ends and math.min(columns, column_of(line.ends)) or columns
      for column = math.max(1, column_of(before[1]) + 1), last do set(column, before[2], g) end
    end
  end
  for _, line in ipairs(panel.lines) do
    for _, point in ipairs(line.points) do draw_error(point, row_of, column_of, put_bar) end
  end
  return cells, row_of, column_of
end

-- What the axis counts, and the legend, in one row.
local function heading(panel, glyph)
  local legend = {}
  for i, line in ipairs(panel.lines) do
    if line.label then legend[#legend + 1] = glyph[(i - 1) % #glyph + 1] .. " " .. line.label end
  end
  local above = panel.y or ""
  if #legend > 0 then above = (above ~= "" and above .. "     " or "") .. table.concat(legend, "   ") end
  return above
end

local function rows_of(o) return math.max(4, math.floor(o.height or 14)) end
local function marks_of(panel, o) return plot.marks(panel.axis, math.max(2, rows_of(o) // 3)) end

local function draw_panel(panel, o, margin, out)
  local ascii = o.style == "ascii"
  local glyph = ascii and glyphs.ascii or glyphs.unicode
  local rows, columns = rows_of(o), math.max(8, math.floor(o.width or 78) - margin - 3)
  local marks = marks_of(panel, o)
  local cells, row_of, column_of = cells_of(panel, rows, columns, glyph, ascii and error_bars.ascii or error_bars.unicode)
  if panel.title then out[#out + 1] = (" "):rep(margin + 2) .. panel.title end
  local above = heading(panel, glyph)
  if above ~= "" then out[#out + 1] = (" "):rep(margin + 2) .. above end
  local labels = {}
  for _, mark in ipairs(marks) do labels[row_of(mark)] = plot.number(mark) end
  for row = 1, rows do
    local parts = {}
    for column = 1, columns do parts[column] = cells[row][column] or " " end
    local label = labels[row] or ""
    local edge = ascii and "|" or labels[row] and "┤" or "│"
    out[#out + 1] = ((" "):rep(margin - #label) .. label .. " " .. edge .. table.concat(parts)):gsub("%s+$", "")
  end
  local axis, below, used = {}, {}, 0
  for column = 1, columns do axis[column] = ascii and "-" or "─" end
  for _, mark in ipairs(plot.marks(panel.x, math.max(2, columns // 12))) do
    local column, text = column_of(mark), plot.number(mark)
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
end

--- Panels one below the other, with their axes at one column.
function plot.draw_text(panels, o)
  local out, margin, empty = {}, 0, true
  for _, panel in ipairs(panels) do
    plot.fit(panel.axis, math.max(2, rows_of(o) // 3))
    for _, mark in ipairs(marks_of(panel, o)) do
      margin = math.max(margin, #plot.number(mark))
    end
    empty = empty and panel.x.empty
  end
  if o.title then out[#out + 1] = (" "):rep(margin + 2) .. o.title end
  for i, panel in ipairs(panels) do
    if i > 1 then out[#out + 1] = "" end
    draw_panel(panel, o, margin, out)
  end
  if empty then out[#out + 1] = (" "):rep(margin + 2) .. "(no points)" end
  return table.concat(out, "\n")
end
