-- drywire states: figure 5 of RFC 9293 with the arrows that scripts have walked.
local options, results = ...

local walked, failures = {}, {}
for _, r in ipairs(results) do
  for arrow in r.arrows:gmatch "%S+" do walked[arrow] = (walked[arrow] or 0) + 1 end
  if not r.passed then failures[#failures + 1] = r.path .. ": " .. r.problem end
end

-- The arrows of the figure: from, to, event over action.
local arrows = {
  { "CLOSED", "LISTEN", "passive OPEN", "create TCB" },
  { "LISTEN", "CLOSED", "CLOSE", "delete TCB" },
  { "CLOSED", "SYN-SENT", "active OPEN", "create TCB, snd SYN" },
  { "SYN-SENT", "CLOSED", "CLOSE", "delete TCB" },
  { "LISTEN", "SYN-SENT", "SEND", "snd SYN" },
  { "LISTEN", "SYN-RECEIVED", "rcv SYN", "snd SYN,ACK" },
  { "SYN-RECEIVED", "LISTEN", "rcv RST", "" },
  { "SYN-SENT", "SYN-RECEIVED", "rcv SYN", "snd SYN,ACK" },
  { "SYN-RECEIVED", "ESTABLISHED", "rcv ACK of SYN", "" },
  { "SYN-SENT", "ESTABLISHED", "rcv SYN,ACK", "snd ACK" },
  { "SYN-RECEIVED", "FIN-WAIT-1", "CLOSE", "snd FIN" },
  { "ESTABLISHED", "FIN-WAIT-1", "CLOSE", "snd FIN" },
  { "ESTABLISHED", "CLOSE-WAIT", "rcv FIN", "snd ACK" },
  { "FIN-WAIT-1", "FIN-WAIT-2", "rcv ACK of FIN", "" },
  { "FIN-WAIT-1", "CLOSING", "rcv FIN", "snd ACK" },
  { "FIN-WAIT-2", "TIME-WAIT", "rcv FIN", "snd ACK" },
  { "CLOSING", "TIME-WAIT", "rcv ACK of FIN", "" },
  { "CLOSE-WAIT", "LAST-ACK", "CLOSE", "snd FIN" },
  { "LAST-ACK", "CLOSED", "rcv ACK of FIN", "" },
  { "TIME-WAIT", "CLOSED", "2 MSL timeout", "delete TCB" },
}
-- A listener is made by a call and ended by one, so its own two arrows leave no state change behind.
local by_call = { ["CLOSED>LISTEN"] = true, ["LISTEN>CLOSED"] = true }
-- What no script can walk, and why.
local beyond = { ["LISTEN>SYN-SENT"] = "no call sends on a listener (RFC 9293 3.10.2)" }

local lit = 0
for _, a in ipairs(arrows) do
  a.count = walked[a[1] .. ">" .. a[2]] or 0
  local called = by_call[a[1] .. ">" .. a[2]] and (walked["LISTEN>SYN-RECEIVED"] or 0) > 0
  a.lit = a.count > 0 or called or false
  if a.lit then lit = lit + 1 end
end
local in_figure = {}
for _, a in ipairs(arrows) do in_figure[a[1] .. ">" .. a[2]] = true end
local besides = {}
for arrow in pairs(walked) do
  if not in_figure[arrow] then besides[#besides + 1] = arrow end
end
table.sort(besides)

local function count_text()
  local text = ("%d of %d arrows walked"):format(lit, #arrows)
  for _, a in ipairs(arrows) do
    local why = beyond[a[1] .. ">" .. a[2]]
    if why and not a.lit then text = ("%s; %s to %s is not: %s"):format(text, a[1], a[2], why) end
  end
  return text
end

-- The layout of figure 5: left column active close, right column passive close.
local place = {
  CLOSED = { 400, 40 }, LISTEN = { 400, 160 }, ["SYN-RECEIVED"] = { 170, 280 }, ["SYN-SENT"] = { 630, 280 },
  ESTABLISHED = { 400, 400 }, ["FIN-WAIT-1"] = { 170, 510 }, ["CLOSE-WAIT"] = { 630, 510 },
  ["FIN-WAIT-2"] = { 170, 640 }, CLOSING = { 400, 640 }, ["LAST-ACK"] = { 630, 640 }, ["TIME-WAIT"] = { 400, 760 },
}
local order = { "CLOSED", "LISTEN", "SYN-RECEIVED", "SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "CLOSE-WAIT", "FIN-WAIT-2", "CLOSING", "LAST-ACK", "TIME-WAIT" }
local W, H = 150, 34

-- Arrows: a path from box edge to box edge, and where its label stands: x, y of the event, how it is anchored.
local shapes = {
  ["CLOSED>LISTEN"] = { "M370,57V143", 362, 98, "end" },
  ["LISTEN>CLOSED"] = { "M430,143V57", 438, 98, "start" },
  ["CLOSED>SYN-SENT"] = { "M475,36H680V263", 688, 126, "start" },
  ["SYN-SENT>CLOSED"] = { "M640,263V50H475", 632, 126, "end" },
  ["LISTEN>SYN-RECEIVED"] = { "M325,155H150V263", 142, 206, "end" },
  ["SYN-RECEIVED>LISTEN"] = { "M200,263V168H325", 208, 212, "start" },
  ["LISTEN>SYN-SENT"] = { "M475,160H600V263", 592, 206, "end" },
  ["SYN-SENT>SYN-RECEIVED"] = { "M555,280H245", 400, 250, "middle" },
  ["SYN-RECEIVED>ESTABLISHED"] = { "M215,297V394H325", 223, 346, "start" },
  ["SYN-SENT>ESTABLISHED"] = { "M620,297V394H475", 612, 346, "end" },
  ["SYN-RECEIVED>FIN-WAIT-1"] = { "M120,297V493", 112, 395, "end" },
  ["ESTABLISHED>FIN-WAIT-1"] = { "M325,406H205V493", 213, 450, "start" },
  ["ESTABLISHED>CLOSE-WAIT"] = { "M475,406H640V493", 632, 450, "end" },
  ["FIN-WAIT-1>FIN-WAIT-2"] = { "M150,527V623", 142, 580, "end" },
  ["FIN-WAIT-1>CLOSING"] = { "M245,510H390V623", 382, 566, "end" },
  ["FIN-WAIT-2>TIME-WAIT"] = { "M150,657V765H325", 158, 716, "start" },
  ["CLOSING>TIME-WAIT"] = { "M400,657V743", 408, 702, "start" },
  ["CLOSE-WAIT>LAST-ACK"] = { "M640,527V623", 648, 580, "start" },
  ["LAST-ACK>CLOSED"] = { "M705,640H830V24H475", 822, 618, "end" },
  ["TIME-WAIT>CLOSED"] = { "M475,765H845V14H440V23", 660, 783, "middle" },
}

-- The event over the action, with the rule between them as wide as the wider one.
local function label(add, a, at)
  local x, y, anchor = at[2], at[3], at[4]
  local lines = { a[3] }
  for line in (a[4] .. ", "):gmatch "(.-), " do if line ~= "" then lines[#lines + 1] = line end end
  local widest = 0
  for _, line in ipairs(lines) do widest = math.max(widest, #line) end
  local width = widest * 6.2
  local left = anchor == "end" and x - width or anchor == "middle" and x - width / 2 or x
  local class = a.lit and "" or " dim"
  add('<rect class="page" x="%.1f" y="%d" width="%.1f" height="%d"/>', left - 2, y - 12, width + 4, 13 * #lines + 6)
  for i, line in ipairs(lines) do
    add('<text class="label%s" x="%.1f" y="%d" text-anchor="middle">%s</text>', class, left + width / 2, y + (i > 1 and 4 or 0) + 13 * (i - 1), line)
  end
  if #lines > 1 then
    add('<line class="rule%s" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>', class, left, y + 4, left + width, y + 4)
  end
end

-- As the other pictures: for light pages and dark ones.
local style = [[
text { font: 11px system-ui, sans-serif; fill: #1d232a } .page { fill: #fff } .count { font-size: 12px; fill: #6a737d }
.name { font-size: 14px; font-weight: 600 } .box { fill: #eef6f2; stroke: #0b6e4f; stroke-width: 1.5 }
.arrow { fill: none; stroke: #0b6e4f; stroke-width: 2 } .rule { stroke: #1d232a; stroke-width: .8 } .head { fill: #0b6e4f }
.arrow.dim { stroke: #b8b8b8; stroke-width: 1.2; stroke-dasharray: 4 3 } .head.dim { fill: #b8b8b8 } text.dim { fill: #8a929a } .rule.dim { stroke: #b8b8b8 }
@media (prefers-color-scheme: dark) {
text { fill: #e4e8ec } .page { fill: #14181d } .count { fill: #97a1ab } .box { fill: #1a2b25; stroke: #4fd1a8 }
.arrow { stroke: #4fd1a8 } .rule { stroke: #e4e8ec } .head { fill: #4fd1a8 }
.arrow.dim { stroke: #56606b } .head.dim { fill: #56606b } text.dim { fill: #97a1ab } .rule.dim { stroke: #56606b }
}]]

local function svg()
  local out = {}
  local function add(...) out[#out + 1] = string.format(...) end
  add '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 830" width="860" height="830" role="img">'
  add '<title>TCP connection state diagram (RFC 9293 figure 5)</title>'
  out[#out + 1] = "<style>\n" .. style .. "\n</style>"
  add '<defs>'
  for _, kind in ipairs { "lit", "dim" } do
    add('<marker id="%s" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path class="head %s" d="M0,0L10,5L0,10z"/></marker>', kind, kind)
  end
  add '</defs><rect class="page" width="860" height="830"/>'
  for pass = 1, 2 do -- dim ones below, labels over all arrows
    for _, a in ipairs(arrows) do
      local kind = a.lit and "lit" or "dim"
      if a.lit == (pass == 2) then add('<path class="arrow %s" d="%s" marker-end="url(#%s)"/>', kind, shapes[a[1] .. ">" .. a[2]][1], kind) end
    end
  end
  for _, a in ipairs(arrows) do label(add, a, shapes[a[1] .. ">" .. a[2]]) end
  for _, name in ipairs(order) do
    local p = place[name]
    add('<rect class="box" x="%d" y="%d" width="%d" height="%d" rx="5"/>', p[1] - W // 2, p[2] - H // 2, W, H)
    add('<text class="name" x="%d" y="%d" text-anchor="middle">%s</text>', p[1], p[2] + 5, name)
  end
  add('<text class="count" x="20" y="815">%s</text>', count_text())
  add "</svg>"
  return table.concat(out, "\n")
end

local function dot()
  local out = { "digraph tcp {", '  label="RFC 9293 figure 5: ' .. count_text() .. '";',
                '  node [shape=box, style="rounded,filled", fillcolor="#eef6f2", color="#0b6e4f", fontname="Helvetica"];',
                '  edge [fontname="Helvetica", fontsize=10];' }
  for _, a in ipairs(arrows) do
    local color = a.lit and "#0b6e4f" or "#b8b8b8"
    local label = a[3] .. (a[4] ~= "" and ("\\n" .. a[4]:gsub(", ", "\\n")) or "")
    out[#out + 1] = ('  "%s" -> "%s" [label="%s", color="%s", fontcolor="%s"%s];'):format(a[1], a[2], label, color, color, a.lit and ", penwidth=2" or "")
  end
  out[#out + 1] = "}"
  return table.concat(out, "\n")
end

if options.style == "svg" then
  print(svg())
elseif options.style == "dot" then
  print(dot())
else
  for _, a in ipairs(arrows) do
    local n = a.count > 0 and ("%4d"):format(a.count) or a.lit and "call" or "   -"
    print(("  %s  %-13s -> %-13s %s%s"):format(n, a[1], a[2], a[3], a[4] ~= "" and " / " .. a[4] or ""))
  end
  print(("\nfigure 5, %d scripts: %s"):format(#results, count_text()))
  if #besides > 0 then print("besides, by reset, abort or timeout: " .. table.concat(besides, ", ")) end
end
if #failures > 0 then return table.concat(failures, "\n") end
