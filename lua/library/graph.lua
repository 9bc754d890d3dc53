-- The graph of states of an exploration without a limit (dw.explore), as SVG or for Graphviz: one node for each pair of
-- states that the first two hosts' connections are in, in a grid; of each pair, how many states of the whole there are.
local _, internal = ...

local order = { "CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSING",
                "TIME-WAIT", "CLOSE-WAIT", "LAST-ACK" }
local CELL, ROW, LEFT, TOP, LEAST = 124, 74, 128, 58, 7 -- a cell, what stands beside and above, the smallest circle

local function escape(text) return internal.escape("xml", text) end

-- Those of the states in order that a host is in, and the place of each.
local function axis(graph, host)
  local met, list, place = {}, {}, {}
  for _, node in ipairs(graph.nodes) do met[node[host] or ""] = true end
  for _, state in ipairs(order) do
    if met[state] then list[#list + 1] = state; place[state] = #list end
  end
  return list, place
end

-- One for each two nodes; whether any run goes there without a fault.
local function arrows(graph)
  local list, known = {}, {}
  for _, edge in ipairs(graph.edges) do
    if edge.from ~= edge.to then
      local name = edge.from .. ">" .. edge.to
      local arrow = known[name]
      if not arrow then
        arrow = { from = edge.from, to = edge.to, count = 0, plain = false, faults = {} }
        known[name] = arrow
        list[#list + 1] = arrow
      end
      arrow.count = arrow.count + edge.count
      arrow.plain = arrow.plain or not edge.fault
      if edge.fault then arrow.faults[#arrow.faults + 1] = edge.fault end
    end
  end
  return list
end

-- How many states of the whole are there; none where runs only end.
local function many(node)
  return node.count and internal.plot.number(node.count) or "end"
end

local function title(arrow)
  local how = arrow.plain and "" or "only where one is " .. table.concat(arrow.faults, ", ") .. "; "
  return ("%s%d edges"):format(how, arrow.count)
end

-- For Graphviz.

local function dot(graph)
  local out = { "digraph states {", "  rankdir = LR; node [shape = box, style = rounded]" }
  local function put(form, ...) out[#out + 1] = form:format(...) end
  for i, node in ipairs(graph.nodes) do
    put('  n%d [label = "%s\\n%s"]', i, table.concat(node, "\\n"), many(node))
  end
  for _, arrow in ipairs(arrows(graph)) do
    put('  n%d -> n%d [%stooltip = "%s"]', arrow.from, arrow.to, arrow.plain and "" or "style = dashed, ", title(arrow))
  end
  put "}"
  return table.concat(out, "\n") .. "\n"
end

-- As SVG.

local style = [[
text { font: 12px system-ui, sans-serif; fill: #333a42 } .page { fill: #fff } .grid { stroke: #d9dee3 } .host { font-weight: 600 }
.node { fill: #eef6f2; stroke: #0b6e4f; stroke-width: 1.5 } .count { font-size: 11px; fill: #56606b; paint-order: stroke; stroke: #fff; stroke-width: 3px }
.arrow { fill: none; stroke: #0072b2; stroke-width: 1.4 } .fault { stroke: #d55e00; stroke-dasharray: 4 3 } .head { fill: #0072b2 } .head.fault { fill: #d55e00; stroke: none }
@media (prefers-color-scheme: dark) {
text { fill: #c9d1d9 } .page { fill: #14181d } .grid { stroke: #2d333b } .node { fill: #10281f; stroke: #3ddbaa } .count { fill: #aab4be; stroke: #14181d }
.arrow { stroke: #56b4e9 } .fault { stroke: #ff9a56 } .head { fill: #56b4e9 } .head.fault { fill: #ff9a56 }
}]]

local function radius(node) return LEAST + 3.2 * math.log(math.max(node.count or 1, 1), 10) end

-- From circle to circle, bent to the right of its way, so that two that lead both ways stay apart, and more so the farther
-- it leads, round what stands between.
local function path(a, b)
  local dx, dy = b.x - a.x, b.y - a.y
  local length = math.sqrt(dx * dx + dy * dy)
  local bend = 8 + 0.11 * length
  local mx, my = (a.x + b.x) / 2 - dy / length * bend, (a.y + b.y) / 2 + dx / length * bend
  local function towards(from, r)
    local x, y = mx - from.x, my - from.y
    local n = math.sqrt(x * x + y * y)
    return from.x + x / n * r, from.y + y / n * r
  end
  local x1, y1 = towards(a, a.r + 1)
  local x2, y2 = towards(b, b.r + 7)
  local tx, ty = towards(b, b.r + 1)
  local px, py = (y2 - ty) / 6 * 3.4, (tx - x2) / 6 * 3.4
  return ("M%.1f %.1fQ%.1f %.1f %.1f %.1f"):format(x1, y1, mx, my, x2, y2),
         ("%.1f,%.1f %.1f,%.1f %.1f,%.1f"):format(tx, ty, x2 + px, y2 + py, x2 - px, y2 - py)
end

local function svg(graph)
  local across, x_of = axis(graph, 1)
  local down, y_of = axis(graph, 2)
  local w, h = LEFT + CELL * #across, TOP + ROW * math.max(#down, 1) + 34
  local out = {}
  local function put(form, ...) out[#out + 1] = form:format(...) end
  put('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">', w, h, w, h)
  put("<title>States of both ends under any number of faults</title><style>%s</style>", style)
  put('<rect class="page" width="%d" height="%d"/>', w, h)
  for i, state in ipairs(across) do
    local x = LEFT + CELL * (i - 0.5)
    put('<line class="grid" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>', x, TOP - 8, x, h - 34)
    put('<text x="%.1f" y="%d" text-anchor="middle">%s</text>', x, TOP - 16, state)
  end
  for i, state in ipairs(down) do
    local y = TOP + ROW * (i - 0.5)
    put('<line class="grid" x1="%d" y1="%.1f" x2="%d" y2="%.1f"/>', LEFT - 8, y, w, y)
    put('<text x="%d" y="%.1f" text-anchor="end">%s</text>', LEFT - 14, y + 4, state)
  end
  put('<text class="host" x="%d" y="20">%s across, %s down</text>', LEFT - 110, escape(graph.hosts[1] or ""), escape(graph.hosts[2] or ""))
  local places = {}
  for i, node in ipairs(graph.nodes) do
    places[i] = { x = LEFT + CELL * (x_of[node[1]] - 0.5), y = TOP + ROW * ((y_of[node[2]] or 1) - 0.5), r = radius(node) }
  end
  for _, arrow in ipairs(arrows(graph)) do
    local line, head = path(places[arrow.from], places[arrow.to])
    local class = arrow.plain and "" or " fault"
    put('<g><title>%s to %s: %s</title><path class="arrow%s" d="%s"/><polygon class="head%s" points="%s"/></g>',
        table.concat(graph.nodes[arrow.from], ", "), table.concat(graph.nodes[arrow.to], ", "), title(arrow), class, line, class, head)
  end
  for i, node in ipairs(graph.nodes) do
    local p = places[i]
    put('<circle class="node" cx="%.1f" cy="%.1f" r="%.1f"><title>%s</title></circle>', p.x, p.y, p.r, table.concat(node, ", "))
    put('<text class="count" x="%.1f" y="%.1f">%s</text>', p.x + p.r + 3, p.y - p.r + 2, many(node))
  end
  put('<text x="%d" y="%d">circles: states, as many as stand there; dashed: only with a fault in that state</text>', LEFT - 110, h - 12)
  put "</svg>"
  return table.concat(out, "\n") .. "\n"
end

internal.on_graph(function(graph, file) internal.write(file, (file:match "%.dot$" and dot or svg)(graph)) end)
