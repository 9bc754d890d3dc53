#!/bin/bash
# What is installed is complete and works from where it is: the command, its pages and completions, the Lua
# module, the library for programs in C and C++ (pkg-config, CMake), headers for plugins; and all of it goes again.
. "$(dirname "$0")/../support/lib.sh"
dir=$BUILD/golden-clang-Release # what cli/optimised has built most of
cd "$SOURCE" || exit 1
run 'configure' 0 cmake -S . -B "$dir" -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_FLAGS_RELWITHDEBINFO=-O2 \
    -DCMAKE_INSTALL_PREFIX=/usr -DDRYWIRE_ZSH_DIR=share/zsh/vendor-completions -DDRYWIRE_COMPRESS_MANUALS=OFF
run 'build' 0 cmake --build "$dir" -j2
[ "$code" = 0 ] || finish
prefix="$work/a place" # with a blank
run 'install' 0 cmake --install "$dir" --prefix "$prefix"
drywire=$prefix/bin/drywire
lib=$(echo "$prefix"/lib/*/pkgconfig)
lib=${lib%/pkgconfig}

# What there is.
version=$("$drywire" --version)
version=${version#drywire }
for path in bin/drywire share/doc/drywire/{LICENSE,README.md,CHANGELOG.md,docs/GUIDE.md,examples/06-lost-final-ack.lua} \
    share/man/man1/drywire.1 share/drywire/library/drywire.d.lua share/drywire/trace.schema.json share/drywire/python/drywire_trace.py include/drywire/{drywire,plugin}.h \
    share/bash-completion/completions/drywire share/zsh/vendor-completions/_drywire share/fish/vendor_completions.d/drywire.fish; do
    [ -s "$prefix/$path" ] || fail "$path is not installed"
done
for path in libdrywire.so "libdrywire.so.$version" lua/5.4/drywire.so drywire/drywire-packetdrill.so drywire/stand-ins/sysctl \
    cmake/drywire/drywireConfig.cmake pkgconfig/drywire.pc; do
    [ -s "$lib/$path" ] || fail "$path is not installed"
done
grep -qF "Release $version" "$dir/generated/changelog" || fail 'the changelog of the packages is for another version'
grep -q "^## $version " CHANGELOG.md || fail "CHANGELOG.md has nothing on $version"
grep -qF "\"drywire $version\"" docs/drywire.1 || fail "docs/drywire.1 is not of $version"
[ -f "drywire-$version-1.rockspec" ] || fail "there is no rockspec of $version"

# A manual page for each command, without a complaint; the links between pages lead somewhere.
for command in $("$drywire" --help | awk '/^  [a-z]+ / { print $1 }' | grep -v '^drywire$'); do
    page=$prefix/share/man/man1/drywire-$command.1
    [ -s "$page" ] || { fail "$command has no manual page"; continue; }
    groff -man -Tutf8 -ww -z "$page" 2>"$work/err" || fail "$page does not format"
    [ -s "$work/err" ] && fail "$page: $(head -3 "$work/err")"
    for option in $("$drywire" "$command" --help | grep -oE '^  (-[a-z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
        grep -qF -- "\\fB${option//-/\\-}" "$page" || fail "drywire-$command(1) lacks $option"
    done
done
grep -oE '\]\([^)#h][^)#]*' "$prefix/share/doc/drywire/README.md" | sed 's/](//' | sort -u | grep -v '^tests/\|CONTRIBUTING\|^action' |
    while read -r target; do [ -e "$prefix/share/doc/drywire/$target" ] || echo "$target"; done >"$work/broken"
[ -s "$work/broken" ] && fail "the installed README.md has links that lead nowhere: $(tr '\n' ' ' <"$work/broken")"

# The command, the module, the object for packetdrill.
run 'an installed example' 0 "$drywire" run --ladder "$prefix/share/doc/drywire/examples/06-lost-final-ack.lua"
prints 'TIME-WAIT'
run 'the module' 0 env "LUA_CPATH=$lib/lua/5.4/?.so" "$LUA" "$prefix/share/doc/drywire/examples/01-handshake.lua"
run 'the editor file' 0 "$LUA" -e "assert(loadfile '$prefix/share/drywire/library/drywire.d.lua')"
run 'init' 0 "$drywire" init "$work/project"
run 'its test' 0 "$drywire" test "$work/project/tests"

# Programs in C and C++, a plugin: by pkg-config, and by CMake.
export PKG_CONFIG_PATH=$lib/pkgconfig
unset PKG_CONFIG_LIBDIR
[ "$(pkg-config --modversion drywire)" = "$version" ] || fail 'pkg-config knows another version'
mkdir "$work/c"
awk '/^<!-- c: hello.c -->/ { on = 1; next } on && /^```/ { if (fence++) exit; next } on' docs/GUIDE.md >"$work/c/hello.c"
awk '/^cat >"\$work\/hello.cc"/ { on = 1; next } /^EOF$/ { on = 0 } on' tests/cli/headers.sh >"$work/c/hello.cc"
cp examples/plugin/counter.c "$work/c"
eval "flags=($(pkg-config --cflags drywire)) libs=($(pkg-config --libs drywire))"
run 'C by pkg-config' 0 cc -Wall -Wextra -Werror "${flags[@]}" "$work/c/hello.c" "${libs[@]}" "-Wl,-rpath,$lib" -o "$work/c/hello"
run 'its run' 0 "$work/c/hello"
cp "$work/out" "$work/hello"
run 'C++ by pkg-config' 0 c++ -Wall -Wextra -Werror "${flags[@]}" "$work/c/hello.cc" "${libs[@]}" "-Wl,-rpath,$lib" -o "$work/c/hello++"
run 'its run' 0 "$work/c/hello++"
prints 'RST,ACK'
cat >"$work/c/CMakeLists.txt" <<'EOF'
cmake_minimum_required(VERSION 3.16)
project(user C CXX)
find_package(drywire 0.2 REQUIRED)
add_executable(in_c hello.c)
target_link_libraries(in_c drywire::drywire)
add_executable(in_cxx hello.cc)
target_link_libraries(in_cxx drywire::drywire)
add_library(counter MODULE counter.c)
set_target_properties(counter PROPERTIES PREFIX "")
target_link_libraries(counter drywire::plugin)
EOF
run 'CMake finds it' 0 cmake -S "$work/c" -B "$work/c/build" -DCMAKE_PREFIX_PATH="$prefix"
run 'CMake builds with it' 0 cmake --build "$work/c/build"
run 'C by CMake' 0 "$work/c/build/in_c"
cmp -s "$work/out" "$work/hello" || fail 'the same program prints something else'
run 'C++ by CMake' 0 "$work/c/build/in_cxx"
run 'a plugin' 0 "$drywire" run --plugin "$work/c/build/counter.so" examples/plugin/counter.lua
sed -i 's/drywire 0.2/drywire 9.1/' "$work/c/CMakeLists.txt"
run 'another version is refused' 1 cmake -S "$work/c" -B "$work/c/build2" -DCMAKE_PREFIX_PATH="$prefix"

# Completion, as the shells themselves answer.
complete_bash() { bash -c '. "$1"; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=(); _drywire; echo "${COMPREPLY[*]}"' - "$prefix/share/bash-completion/completions/drywire" "$@"; }
complete_fish() { (cd "$work/c" && HOME=$work fish --no-config -c 'source $argv[1]; complete -C "$argv[2]"' "$prefix/share/fish/vendor_completions.d/drywire.fish" "$*") | cut -f1 | tr '\n' ' ' | sed 's/ $//'; }
complete_zsh() { HOME=$work zsh -f tests/support/complete.zsh "$prefix/share/zsh/vendor-completions" "$1" "$2" | tr -d '\033\007'; }
while IFS='|' read -r words expected; do
    # shellcheck disable=SC2086
    got=$(complete_bash $words)
    [ "$got" = "$expected" ] || fail "bash completes \"$words\" with \"$got\""
    if command -v fish >/dev/null; then
        got=$(complete_fish "$words")
        [ "${got%% *}" = "$expected" ] || fail "fish completes \"$words\" with \"$got\""
    fi
    if command -v zsh >/dev/null; then
        complete_zsh "$words" "${words% *} $expected" | grep -qF -- "${words% *} $expected" || fail "zsh does not complete \"$words\" to $expected"
    fi
done <<'EOF'
drywire lad|ladder
drywire run --pro|--profile
drywire states --style s|svg
drywire figures show rfc9293-05|rfc9293-05
drywire profiles di|diff
EOF

# Uninstalling leaves nothing.
run 'uninstall' 0 cmake --build "$dir" --target uninstall
left=$(find "$prefix" -type f -o -type l -o -path '*/drywire' | head -3)
[ -z "$left" ] || fail "uninstalling leaves $left"
run 'uninstall what is not there' 2 cmake --build "$dir" --target uninstall
says 'nothing was installed from'
finish
