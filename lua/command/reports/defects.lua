-- drywire defects: mistakes that can be switched on.
local options = ...
local dw = require "drywire"
if #options > 0 then return { usage = "write: drywire defects" } end
local list = dw.defects "tcp"
if options.json then
  print(dw.json.encode(list))
else
  for _, d in ipairs(list) do print(("  %-24s %s\n  %24s breaks %s"):format(d.name, d.text, "", d.rfc)) end
end
