#!/bin/bash
# The README's commands in a bare Debian 12 and a bare Debian 13, as root without sudo and as a user who
# has it, and the same digests and pictures from every compiler there.
#
#     bash tests/portability.sh [--quick | --tests] [12] [13]
#
# It is no part of the test command: it makes both systems with debootstrap, from the mirror that this
# machine's apt uses, in a temporary folder that is gone afterwards, and takes about an hour on two
# cores.  --quick leaves out the README's test command and what is built with sanitizers, which takes
# most of that; --tests does only this.  It needs root, debootstrap, git and 6 GB, and tests what is
# committed.
set -u
source=$(cd "$(dirname "$0")/.." && pwd)
declare -A suites=([12]=bookworm [13]=trixie)

usage() {
    echo "portability.sh: $*" >&2
    echo 'usage: bash tests/portability.sh [--quick | --tests] [12] [13]' >&2
    exit 2
}

quick=1 tests=1 versions=()
for argument; do
    case $argument in
    --quick) tests= ;;
    --tests) quick= ;;
    12 | 13) versions+=("$argument") ;;
    *) usage "what is \"$argument\"?" ;;
    esac
done
[ -n "$quick$tests" ] || usage '--quick and --tests leave nothing'
[ ${#versions[@]} -gt 0 ] || versions=(12 13)

# Everything happens in namespaces of its own: when their first process is gone, so are all others, and
# all mounts.  Then the folder can go, too.
if [ -z "${PORTABILITY_WORK:-}" ]; then
    [ "$(id -u)" = 0 ] || usage 'needs root, for debootstrap and chroot'
    for tool in debootstrap git unshare; do
        command -v $tool >/dev/null || usage "needs $tool"
    done
    work=$(mktemp -d "${TMPDIR:-/var/tmp}/drywire-portability.XXXXXX") || exit 2
    inside=
    clean() {
        if [ -n "$inside" ]; then
            kill -KILL "$inside"
            wait "$inside"
        fi 2>/dev/null
        for _ in 1 2 3 4 5; do
            rm -rf --one-file-system "$work" 2>/dev/null && return
            sleep 1 # for the last processes
        done
        echo "portability.sh: could not remove $work" >&2
    }
    trap clean EXIT
    trap 'exit 130' INT TERM HUP
    PORTABILITY_WORK=$work unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
        bash "$0" "$@" &
    inside=$!
    wait $inside
    exit
fi

work=$PORTABILITY_WORK
failures=0
: >"$work/table"

# step WHERE WHAT COMMAND...: one row of the table.  A compiler's warning is a failure.
step() {
    local where=$1 what=$2 begun=$SECONDS verdict=pass
    shift 2
    "$@" >"$work/log" 2>&1 </dev/null || verdict=FAIL
    if grep -E '\[-W[a-z0-9=-]+\]$|^(cc1|lto1|lto-wrapper|clang|ld|/usr/bin/ld): warning:|^CMake Warning' "$work/log" >"$work/warnings"; then
        verdict=FAIL
        head -5 "$work/warnings" >&2
    fi
    if [ $verdict = FAIL ]; then
        failures=$((failures + 1))
        tail -40 "$work/log" >&2
    fi
    printf '%-10s %-54s %s %6d s\n' "$where" "$what" $verdict $((SECONDS - begun)) | tee -a "$work/table"
    [ $verdict = pass ]
}

# readme NAME: the lines of one of its commands.
readme() {
    git -C "$source" show HEAD:README.md |
        awk -v mark="<!-- the $1 command -->" '$0 == mark { on = 1; next } on && /^```$/ { exit } on && !/^```/'
}

# in_root COMMAND...: as root there, with nothing of this environment.
in_root() {
    chroot "$root" env -i HOME=/root TERM=dumb PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# A system as a container of that version has it, whose apt goes where this machine's goes, and which
# gets the project from here when it asks its home.
bare() {
    local mirror
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -1)
    [ -n "$mirror" ] || { echo 'no mirror of Debian is known here: run apt-get update' && return 1; }
    debootstrap --variant=minbase "$1" "$root" "$mirror" || return 1
    apt-config dump --no-empty --format '%f "%v";%n' Acquire >"$root/etc/apt/apt.conf.d/01here"
    cp -r /etc/apt/auth.conf.d "$root/etc/apt/"
    cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
    mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount --rbind /sys "$root/sys" || return 1
    git clone -q --bare "$source" "$root/srv/drywire" || return 1
    printf '[safe]\n\tdirectory = *\n[url "/srv/drywire"]\n\tinsteadOf = %s\n' \
        "$(readme clone | grep -o 'https://[^ ]*')" >"$root/etc/gitconfig"
    readme clone | grep -q 'https://' # or there is nothing to test
}

# as_root NAME: the README's lines for the source, where it is not there yet, and the command.
as_root() {
    { [ -d "$root/root/drywire" ] && echo 'cd drywire' || readme clone; } >"$root/root/$1.sh"
    readme "$1" >>"$root/root/$1.sh"
    [ -n "$(readme "$1")" ] && in_root bash -c "cd && bash -e ./$1.sh"
}

as_user() {
    in_root bash -ec 'export DEBIAN_FRONTEND=noninteractive
        apt-get install -y sudo
        useradd --create-home --shell /bin/bash visitor
        echo "visitor ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/visitor' || return 1
    { readme clone && readme demo; } >"$root/home/visitor/demo.sh"
    in_root su - visitor -c 'bash -e ./demo.sh'
}

# build COMPILER FOLDER PRESET
build() {
    in_root bash -ec "cd ~/drywire && CC=$1 cmake --preset $3 -B $2 && cmake --build $2 -j$(nproc)"
}

# same_digests FOLDER: as in the golden file, in a simulation for each script.
same_digests() {
    in_root bash -c "cd ~/drywire && $1/drywire test -j$(nproc) -v --exclude examples/plugin examples examples/figures tests/scenario" >"$work/out" || return 1
    awk '/^# digest/ { print $3, $4 }' "$work/out" | diff "$root/root/drywire/tests/golden/digests.txt" -
}

# same_pictures FOLDER: as the first compiler's.
same_pictures() {
    rm -rf "$root/root/gallery"
    in_root bash -c "cd ~/drywire && $1/drywire figures export ~/gallery" || return 1
    [ "$(find "$root/root/gallery" -name '*.svg' | wc -l)" -gt 100 ] || return 1
    [ -d "$work/gallery" ] || cp -r "$root/root/gallery" "$work/gallery"
    diff -r "$work/gallery" "$root/root/gallery"
}

# The demo command, and the same from clang.
releases() {
    step "$where" 'README: demo, root without sudo' as_root demo || return
    step "$where" "gcc $(in_root gcc -dumpfullversion): the digests of all examples and scenarios" same_digests build/release
    step "$where" 'gcc: the same pictures' same_pictures build/release
    step "$where" 'clang is installed' in_root bash -c 'DEBIAN_FRONTEND=noninteractive apt-get install -y clang' || return
    step "$where" "clang $(in_root clang -dumpversion): a release" build clang build/clang release || return
    step "$where" 'clang: the digests of all examples and scenarios' same_digests build/clang
    step "$where" 'clang: the same pictures' same_pictures build/clang
    step "$where" 'README: demo, a user with sudo' as_user
}

# The test command, which installs what the other build with sanitizers needs.
sanitized() {
    step "$where" 'README: test, root without sudo' as_root test
    step "$where" 'clang: the tests and all with sanitizers, built' build clang build/clang-dev dev
}

for version in "${versions[@]}"; do
    root=$work/$version where="Debian $version"
    step "$where" 'debootstrap' bare "${suites[$version]}" || continue
    [ -z "$quick" ] || releases
    [ -z "$tests" ] || sanitized
done
echo
cat "$work/table"
[ $failures = 0 ] || { echo "$failures failure(s)" >&2; exit 1; }
