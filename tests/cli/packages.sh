#!/bin/bash
# The packages for Debian: lintian has nothing to say where it is installed (the test command leaves out its hundred
# packages), and what is in them works, unpacked into an empty folder.  With FULL=1 all three, and LuaRocks' build, too.
. "$(dirname "$0")/../support/lib.sh"
dir=$BUILD/golden-clang-Release
cd "$SOURCE" || exit 1
command -v dpkg-deb >/dev/null || { echo 'this is no Debian: packages are not made'; exit 77; }
run 'configure' 0 cmake -S . -B "$dir" -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_FLAGS_RELWITHDEBINFO=-O2 \
    -DCMAKE_INSTALL_PREFIX=/usr -DDRYWIRE_ZSH_DIR=share/zsh/vendor-completions -DDRYWIRE_COMPRESS_MANUALS=ON
run 'build' 0 cmake --build "$dir" -j2
[ "$code" = 0 ] || finish
fastest=(-D CPACK_DEBIAN_COMPRESSION_TYPE=gzip)
[ -n "${FULL:-}" ] && fastest=()
run 'cpack' 0 cpack --config "$dir/CPackConfig.cmake" -B "$work" "${fastest[@]}"
version=$("$dir/drywire" --version)
version=${version#drywire }
arch=$(dpkg --print-architecture)
packages=("$work/drywire_${version}_$arch.deb" "$work/libdrywire0_${version}_$arch.deb" "$work/libdrywire-dev_${version}_$arch.deb")

for package in "${packages[@]}"; do
    run "the checksum of $package" 0 bash -c 'cd "$(dirname "$1")" && sha256sum -c "$(basename "$1").sha256"' - "$package"
    run "unpack $package" 0 dpkg-deb -x "$package" "$work/root"
done
dpkg-deb -f "${packages[0]}" Depends | grep -q 'liblua5.4-0 (>= ' || fail 'the package does not depend on what the command is linked with'
dpkg-deb -f "${packages[2]}" Depends | grep -qF "libdrywire0 (= $version)" || fail 'the headers do not depend on their library'
dpkg-deb -I "${packages[1]}" shlibs | grep -qF "libdrywire 0 libdrywire0 (>= $version)" || fail 'there is no shlibs'
dpkg-deb -I "${packages[1]}" postinst >/dev/null 2>&1 && fail 'a script calls ldconfig'
if command -v lintian >/dev/null; then
    [ -n "${FULL:-}" ] || packages=("${packages[0]}")
    lintian --tag-display-limit 0 --allow-root --fail-on error,warning "${packages[@]}" >"$work/out" 2>"$work/err" || fail "lintian: $(head -5 "$work/out")"
    [ -s "$work/out" ] && fail "lintian: $(head -5 "$work/out")"
else
    echo 'lintian is not there: nothing is said of what it would say'
fi

# As if the root were that folder: only its libraries are moved.
root=$work/root/usr
lib=$(dirname "$root"/lib/*/libdrywire.so)
run 'the command' 0 "$root/bin/drywire" test "$root/share/doc/drywire/examples/01-handshake.lua"
run 'the module' 0 env "LUA_CPATH=$lib/lua/5.4/?.so" "$LUA" "$root/share/doc/drywire/examples/01-handshake.lua"
eval "flags=($(PKG_CONFIG_PATH=$lib/pkgconfig pkg-config --cflags --libs drywire))"
awk '/^<!-- c: hello.c -->/ { on = 1; next } on && /^```/ { if (fence++) exit; next } on' docs/GUIDE.md >"$work/hello.c"
run 'a program' 0 cc "$work/hello.c" "${flags[@]}" -o "$work/hello"
run 'its run' 0 env "LD_LIBRARY_PATH=$lib" "$work/hello"
man -l "$root/share/man/man1/drywire-run.1.gz" 2>&1 | grep -q 'drywire run' || fail 'there is no manual page'

# The page on installing names the packages that the README's demo does.
packages_of() { awk -v mark="$2" '$0 == mark { on = 1; next } on && /^```$/ { exit } on' "$1" | tr -s ' \\' '\n' | grep -E '^(cmake|gcc|make|pkg-config|lib[a-z0-9.-]+-dev|lib[a-z-]+|zlib1g-dev)$' | sort -u; }
missing=$(comm -23 <(packages_of README.md '<!-- the demo command -->') <(packages_of docs/INSTALL.md '<!-- the package command -->'))
[ -z "$missing" ] || fail "docs/INSTALL.md does not install $missing"

# LuaRocks.
[ "$(grep -c "tag = \"v$version\"" "drywire-$version-1.rockspec")" = 1 ] || fail 'the rockspec is of another tag'
if [ -n "${FULL:-}" ] && command -v luarocks >/dev/null; then
    mkdir "$work/source"
    cp -r CMakeLists.txt core proto stack lua packaging ./*.rockspec LICENSE README.md CHANGELOG.md CITATION.cff "$work/source"
    cd "$work/source" || exit 1
    run 'luarocks lint' 0 luarocks --lua-version 5.4 lint "drywire-$version-1.rockspec"
    run 'luarocks make' 0 env CMAKE_BUILD_TYPE=Debug luarocks --lua-version 5.4 --tree "$work/rocks" make "drywire-$version-1.rockspec"
    run 'the rock' 0 env "LUA_CPATH=$work/rocks/lib/lua/5.4/?.so" "$LUA" "$SOURCE/examples/01-handshake.lua"
fi
finish
