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
  { "CLOSED", "SYN-SENT", "active OPEN", "snd SYN" },
  { "SYN-SENT", "CLOSED", "CLOSE", "delete TCB" },
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
local by_call = { ["CLOSED>LISTEN"] = true, ["LISTEN>CLOSED"] = true, ["LISTEN>SYN-SENT"] = true }

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

-- The layout of figure 5: left column active close, right column passive close.
local place = {
  CLOSED = { 400, 40 }, LISTEN = { 400, 150 }, ["SYN-RECEIVED"] = { 170, 260 }, ["SYN-SENT"] = { 630, 260 },
  ESTABLISHED = { 400, 370 }, ["FIN-WAIT-1"] = { 170, 480 }, ["CLOSE-WAIT"] = { 630, 480 },
  ["FIN-WAIT-2"] = { 170, 610 }, CLOSING = { 400, 610 }, ["LAST-ACK"] = { 630, 610 }, ["TIME-WAIT"] = { 400, 730 },
}
local W, H = 150, 34

local function svg()
  local out = {}
  local function add(...) out[#out + 1] = string.format(...) end
  add '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 800" width="860" height="800" font-family="Helvetica,Arial,sans-serif">'
  add '<title>TCP connection state diagram (RFC 9293 figure 5)</title>'
  add '<defs>'
  for _, kind in ipairs { { "lit", "#0b6e4f" }, { "dim", "#b8b8b8" } } do
    add('<marker id="%s" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path d="M0,0L10,5L0,10z" fill="%s"/></marker>', kind[1], kind[2])
  end
  add '</defs><rect width="860" height="800" fill="white"/>'
  -- Arrows: a path from box edge to box edge, with a label; some bend around.
  local shapes = {
    ["CLOSED>LISTEN"] = { "M360,57 V133", 352, 98, "end" },
    ["LISTEN>CLOSED"] = { "M440,133 V57", 448, 98, "start" },
    ["CLOSED>SYN-SENT"] = { "M475,36 H680 V243", 688, 130, "start" },
    ["SYN-SENT>CLOSED"] = { "M600,243 V50 H475", 592, 190, "end" },
    ["LISTEN>SYN-RECEIVED"] = { "M325,145 H150 V243", 142, 190, "end" },
    ["SYN-RECEIVED>LISTEN"] = { "M205,243 V162 H325", 213, 210, "start" },
    ["SYN-SENT>SYN-RECEIVED"] = { "M555,260 H245", 400, 232, "middle" },
    ["SYN-RECEIVED>ESTABLISHED"] = { "M215,277 V364 H325", 223, 322, "start" },
    ["SYN-SENT>ESTABLISHED"] = { "M620,277 V364 H475", 612, 322, "end" },
    ["SYN-RECEIVED>FIN-WAIT-1"] = { "M120,277 V463", 112, 370, "end" },
    ["ESTABLISHED>FIN-WAIT-1"] = { "M325,376 H205 V463", 213, 420, "start" },
    ["ESTABLISHED>CLOSE-WAIT"] = { "M475,376 H640 V463", 632, 420, "end" },
    ["FIN-WAIT-1>FIN-WAIT-2"] = { "M150,497 V593", 142, 550, "end" },
    ["FIN-WAIT-1>CLOSING"] = { "M245,480 H390 V593", 382, 550, "end" },
    ["FIN-WAIT-2>TIME-WAIT"] = { "M150,627 V735 H325", 158, 690, "start" },
    ["CLOSING>TIME-WAIT"] = { "M400,627 V713", 408, 672, "start" },
    ["CLOSE-WAIT>LAST-ACK"] = { "M640,497 V593", 648, 550, "start" },
    ["LAST-ACK>CLOSED"] = { "M705,610 H830 V24 H475", 822, 590, "end" },
    ["TIME-WAIT>CLOSED"] = { "M475,735 H845 V14 H450 V23", 660, 753, "middle" },
  }
  for pass = 1, 2 do -- dim ones below
    for _, a in ipairs(arrows) do
      if a.lit == (pass == 2) then
        local s = shapes[a[1] .. ">" .. a[2]]
        local color, kind = a.lit and "#0b6e4f" or "#b8b8b8", a.lit and "lit" or "dim"
        add('<path d="%s" fill="none" stroke="%s" stroke-width="%s" marker-end="url(#%s)"/>', s[1], color, a.lit and "2" or "1.2", kind)
        add('<text x="%d" y="%d" font-size="11" text-anchor="%s" fill="%s">%s</text>', s[2], s[3], s[4], a.lit and "#123" or "#999", a[3])
        if a[4] ~= "" then
          add('<text x="%d" y="%d" font-size="11" text-anchor="%s" fill="%s" text-decoration="overline">%s</text>', s[2], s[3] + 13, s[4], a.lit and "#123" or "#999", a[4])
        end
      end
    end
  end
  for _, name in ipairs { "CLOSED", "LISTEN", "SYN-RECEIVED", "SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "CLOSE-WAIT", "FIN-WAIT-2", "CLOSING", "LAST-ACK", "TIME-WAIT" } do
    local p = place[name]
    add('<rect x="%d" y="%d" width="%d" height="%d" rx="5" fill="#eef6f2" stroke="#0b6e4f" stroke-width="1.5"/>', p[1] - W // 2, p[2] - H // 2, W, H)
    add('<text x="%d" y="%d" font-size="14" font-weight="bold" text-anchor="middle" fill="#123">%s</text>', p[1], p[2] + 5, name)
  end
  add('<text x="20" y="785" font-size="12" fill="#555">%d of %d arrows walked</text>', lit, #arrows)
  add "</svg>"
  return table.concat(out, "\n")
end

local function dot()
  local out = { "digraph tcp {", '  label="RFC 9293 figure 5: ' .. lit .. " of " .. #arrows .. ' arrows walked";',
                '  node [shape=box, style="rounded,filled", fillcolor="#eef6f2", color="#0b6e4f", fontname="Helvetica"];',
                '  edge [fontname="Helvetica", fontsize=10];' }
  for _, a in ipairs(arrows) do
    local color = a.lit and "#0b6e4f" or "#b8b8b8"
    local label = a[3] .. (a[4] ~= "" and ("\\n" .. a[4]) or "")
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
  print(("\n%d of %d arrows of figure 5 walked by %d scripts"):format(lit, #arrows, #results))
  if #besides > 0 then print("besides, by reset, abort or timeout: " .. table.concat(besides, ", ")) end
end
if #failures > 0 then return table.concat(failures, "\n") end
