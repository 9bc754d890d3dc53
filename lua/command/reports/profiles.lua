-- drywire profiles: the switches of TCP and their values in each profile.
local options = ...
local dw = require "drywire"
local names = { "rfc9293", "linux", "freebsd", "rfc793", "embedded" }
local about = {
  rfc9293 = "RFC 9293 to the letter; where it leaves a choice, the plainest (the default)",
  linux = "Linux 7 with its default settings",
  freebsd = "FreeBSD 14 with its default settings",
  rfc793 = "TCP of 1981: no congestion control to speak of, no delayed ACKs, no Nagle",
  embedded = "a small stack: one connection, small buffers, coarse timers",
}

local function values(name)
  local ok, list = pcall(dw.options, "tcp", name)
  if ok then return list end
end

local function check(name)
  if values(name) then return end
  local near
  for _, n in ipairs(names) do if n:sub(1, 3) == tostring(name):sub(1, 3) then near = n end end
  return { usage = ('there is no profile "%s"; %s'):format(name, near and ('did you mean "%s"?'):format(near) or "there are " .. table.concat(names, ", ")) }
end

local function wrapped(text, indent, width)
  local lines, line = {}, ""
  for word in text:gmatch "%S+" do
    if #line + #word + 1 > width - indent and line ~= "" then
      lines[#lines + 1] = line
      line = word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n" .. (" "):rep(indent))
end

local command = options[1] or "list"
if command == "list" and #options <= 1 then
  if options.json then
    local all = {}
    for _, name in ipairs(names) do
      all[name] = {}
      for _, o in ipairs(values(name)) do all[name][o.name] = o.value end
    end
    print(dw.json.encode(all))
    return
  end
  local default = values(names[1])
  for _, name in ipairs(names) do
    local differs = 0
    for i, o in ipairs(values(name)) do if o.value ~= default[i].value then differs = differs + 1 end end
    print(("  %-9s %3d of %d switches differ   %s"):format(name, differs, #values(name), about[name]))
  end
elseif command == "show" and #options == 2 then
  local wrong = check(options[2])
  if wrong then return wrong end
  if options.json then
    local all = {}
    for _, o in ipairs(values(options[2])) do all[o.name] = o.value end
    print(dw.json.encode(all))
    return
  end
  print(("%s: %s\n"):format(options[2], about[options[2]]))
  for _, o in ipairs(values(options[2])) do
    print(("  %-24s %-10s %s"):format(o.name, o.value, wrapped(o.doc, 38, 110)))
  end
elseif command == "diff" and #options == 3 then
  local wrong = check(options[2]) or check(options[3])
  if wrong then return wrong end
  local a, b = values(options[2]), values(options[3])
  print(("  %-24s %-10s %-10s"):format("", options[2], options[3]))
  for i, o in ipairs(a) do
    if o.value ~= b[i].value then
      print(("  %-24s %-10s %-10s %s"):format(o.name, o.value, b[i].value, wrapped(o.doc, 49, 120)))
    end
  end
else
  return { usage = "write: drywire profiles, drywire profiles show NAME, or drywire profiles diff A B" }
end
