-- What a SYN cookie remembers (syn_cookie_rule): an MSS of some; Linux's timestamps scale and SACK, too; FreeBSD's number itself does (syn_cookies_always).
local dw = require "drywire"
local function opened(rule, timestamps)
  local sim, client, server = dw.pair { delay = "20ms", tcp = { syn_cookie_rule = rule, syn_cookies_always = true, timestamps = timestamps, sack = true, receive_buffer = 200000 } }
  local info
  server:serve(80, function(conn) info = conn:info(); conn:recv_all(); conn:close() end)
  client:spawn(function()
    local conn = assert(client:connect(server, 80, { mss = 1380 }))
    conn:send(("x"):rep(3000)); conn:close()
  end)
  sim:run()
  dw.expect(server):cause("syn-cookie-valid", 1)
  return info
end
local plain = opened("mss", true)
assert(plain.snd_mss == 1220 and plain.sack == 0 and plain.wscale_ok == 0 and plain.timestamps == 0)
local linux = opened("linux", true)
assert(linux.snd_mss == 1300 - 12 and linux.sack == 1 and linux.snd_wscale == 2 and linux.timestamps == 1)
linux = opened("linux", false)
assert(linux.snd_mss == 1300 and linux.sack == 0 and linux.wscale_ok == 0)
local freebsd = opened("freebsd", false)
assert(freebsd.snd_mss == 1360 and freebsd.sack == 1 and freebsd.snd_wscale == 2)
