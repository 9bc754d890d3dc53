# What the shell tests share.  Sourced with DRYWIRE, MODULE_DIR, SOURCE, BUILD, LUA, COMPILER, SANITIZE,
# WERROR, LIBRARY set: see tests/CMakeLists.txt.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
# The build of cli/optimised, on which tests that ask for it depend; without it the one under test.
fast=$BUILD/golden-clang-Release/drywire
[ -x "$fast" ] || fast=$DRYWIRE
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1}

# every N FILE...: each Nth of them, all with FULL=1.  What takes long for each script is tried with some.
every() {
    local step=$1 i=0
    shift
    for path in "$@"; do
        [ -n "${FULL:-}" ] || [ $((i++ % step)) = 0 ] && printf '%s\n' "$path"
    done
}

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

# run NAME EXPECTED_CODE COMMAND...: output goes to $work/out and $work/err.
run() {
    name=$1 expected=$2
    shift 2
    "$@" >"$work/out" 2>"$work/err" </dev/null
    code=$?
    [ "$code" = "$expected" ] || {
        fail "$name: exit code $code, expected $expected"
        sed 's/^/    /' "$work/err" | head -15 >&2
    }
}

# says TEXT / prints TEXT: standard error, standard output contains it.
says() { grep -qF -- "$1" "$work/err" || { fail "$name: does not say: $1"; sed 's/^/    /' "$work/err" | head -8 >&2; }; }
prints() { grep -qF -- "$1" "$work/out" || { fail "$name: does not print: $1"; sed 's/^/    /' "$work/out" | head -8 >&2; }; }

# script TEXT: write it to $work/t.lua, under a common beginning.
script() {
    printf 'local dw = require "drywire"\n%s\n' "$1" >"$work/t.lua"
}

# same NAME FILE FILE: both are the same octets.
same() { cmp -s "$2" "$3" || { fail "$1: $2 and $3 differ"; diff "$2" "$3" | head -5 >&2; }; }

# What a stock interpreter that loads the module has to have loaded before it; nothing without the sanitizers.
asan_library() {
    [ "$SANITIZE" = ON ] || return 0
    case $COMPILER in *clang*) "$COMPILER" -print-file-name="libclang_rt.asan-$(uname -m).so" ;; *) "$COMPILER" -print-file-name=libasan.so ;; esac
}

finish() {
    [ "$failures" = 0 ] || { echo "$failures failure(s)" >&2; exit 1; }
    echo "ok"
}
