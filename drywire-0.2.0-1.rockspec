rockspec_format = "3.0"
package = "drywire"
version = "0.2.0-1"
source = { url = "git+https://github.com/drywire/drywire.git", tag = "v0.2.0" }
description = {
  summary = "Deterministic network simulator with RFC-true TCP",
  detailed = [[
A script says which hosts there are, what each program does, and which segment is lost; drywire runs two TCPs on
a virtual clock. This is the module, for scripts that a stock interpreter runs.]],
  homepage = "https://github.com/drywire/drywire",
  license = "MIT",
}
dependencies = { "lua == 5.4" }
external_dependencies = {
  XXHASH = { header = "xxhash.h" },
  JANSSON = { header = "jansson.h" },
  UTF8PROC = { header = "utf8proc.h" },
}
build = {
  type = "command",
  build_command = [[cmake -S . -B build/rock -DDRYWIRE_MODULE_ONLY=ON ]]
    .. [[-DLUA_INCLUDE_DIRS="$(LUA_INCDIR)" -DDRYWIRE_LUA_DIR="$(LIBDIR)" ]]
    .. [[-DDRYWIRE_DATA_DIR="$(PREFIX)" && cmake --build build/rock]],
  install_command = [[cmake --install build/rock --component lua]],
}
