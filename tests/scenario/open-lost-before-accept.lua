-- A connection that is lost before the user accepts it is still handed out, with its error, and on Linux with its data; FreeBSD and small stacks forget it.
local dw = require "drywire"
local function run(profile, tcp)
  local sim, client, server = dw.pair { delay = "20ms", profile = profile, tcp = tcp }
  local listener, found = server:listen(80), {}
  client:spawn(function()
    local conn = assert(client:connect(server, 80))
    conn:send "hello"
    client:sleep "1s"
    conn:reset()
  end)
  server:spawn(function()
    server:sleep "2s"
    local conn = listener:accept "1s"
    if not conn then return end
    found.state = conn:state()
    for _ = 1, 2 do
      local data, why = conn:recv()
      found[#found + 1] = data or why
    end
    conn:close()
  end)
  sim:run()
  return table.concat(found, " "), found.state
end
local got, state = run "rfc9293"
assert(got == "reset reset" and state == "CLOSED", got)     -- its data is flushed (RFC 9293 3.10.7.4 second)
assert(run("rfc9293", { rst_unread = "keep" }) == "hello reset")
assert(run "linux" == "hello reset")
assert(run "freebsd" == "" and run "embedded" == "")
assert(run("linux", { keep_unaccepted = false }) == "")
