--- What programs and hosts do where the plan of faults has them do something else.
local _, internal = ...

--- The rest of a program that chose to close, shut down or abort a connection.
internal.on_leave(function(conn, how)
  if how == "abort" then return conn:reset() end
  if how == "shutdown" and conn:shutdown() then conn:recv_all() end
  conn:close()
end)
