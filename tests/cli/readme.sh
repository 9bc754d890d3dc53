#!/bin/bash
# The README's commands as a shell takes them, with stand-ins for what they call: for root where there is
# no sudo, and for a user who has it.  Whether the real ones suffice is for tests/portability.sh to say.
. "$(dirname "$0")/../support/lib.sh"

block() {
    awk -v mark="<!-- the $1 command -->" '$0 == mark { on = 1; next } on && /^```$/ { exit } on && !/^```/' "$SOURCE/README.md"
}

# A machine that has nothing but these.
mkdir "$work/bin"
for tool in bash sh mkdir which; do ln -s "$(command -v $tool)" "$work/bin/$tool"; done
for tool in apt-get git cmake sudo; do
    printf '#!/bin/bash\necho "${0##*/} $*" >>%q/calls\n' "$work" >"$work/bin/$tool"
done
echo 'url=${*: -1}; mkdir "${url##*/}"' >>"$work/bin/git" # what is cloned, by its last name
echo '"$@"' >>"$work/bin/sudo"
chmod +x "$work/bin/"*

# try NAME: the clone command and another one, in one shell, as they are copied; what was called.
try() {
    rm -rf "$work/calls" "$work/home"
    mkdir "$work/home"
    { echo cd "$work/home" && block clone && block "$1" && echo '[ "${PWD##*/}" = drywire ]'; } >"$work/command"
    run "$1" 0 env -i PATH="$work/bin" bash -eu "$work/command"
}

for name in demo test; do
    [ -n "$(block $name)" ] || fail "README.md has no $name command"
    try $name
    cp "$work/calls" "$work/with"
    [ "$(grep -c '^sudo apt-get' "$work/with")" = 4 ] || fail "$name: apt-get is not called with sudo"
    mv "$work/bin/sudo" "$work/no-sudo"
    try $name
    mv "$work/no-sudo" "$work/bin/sudo"
    grep -v '^sudo' "$work/with" | diff - "$work/calls" >&2 || fail "$name: without sudo something else is called"
    grep -qE '^git clone https://[^ ]*/drywire$' "$work/calls" || fail "$name: the source is not fetched"
    [ "$(tail -1 "$work/calls")" = "cmake --workflow --preset $name" ] || fail "$name: does not end with cmake"
    grep '^apt-get install -y cmake' "$work/calls" | tr ' ' '\n' | sort >"$work/$name.packages"
done
missing=$(comm -23 "$work/demo.packages" "$work/test.packages")
[ -z "$missing" ] || fail "the test command does not install $missing"

# The ladder of its first screen is what the example prints.
if [ -x "$DRYWIRE" ]; then
    run 'the example' 0 "$DRYWIRE" run -q "$SOURCE/examples/06-lost-final-ack.lua"
    awk '/^$/ { exit } 1' "$work/out" >"$work/ladder"
    awk '/^```$/ && on { exit } on; /^```$/ { on = 1 }' "$SOURCE/README.md" | diff - "$work/ladder" >&2 || fail 'the ladder of README.md is out of date'
fi

# What runs them elsewhere finds them by the same marks, and runs them without a net for the source.
grep -qF '<!-- the test command -->' "$SOURCE/.ci/run" || fail '.ci/run looks for another mark'
block test | grep -q 'git clone' && fail 'the test command clones: .ci/run would test something else'
finish
