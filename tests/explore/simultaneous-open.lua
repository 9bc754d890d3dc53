-- Both open at once, send and finish.
local dw = require "drywire"
local sim, a, b = dw.pair { tcp = { defect = dw.param("defect") }, delay = "10ms" }
local ok = 0
local function side(x, y)
  x:spawn(function()
    local conn = assert(x:connect(y, 5000, { local_port = 5000 }))
    conn:send "hi" conn:shutdown()
    if conn:recv_all() == "hi" then ok = ok + 1 end
    conn:close()
  end)
end
side(a, b) side(b, a)
sim:run()
assert(ok == 2, ok)
