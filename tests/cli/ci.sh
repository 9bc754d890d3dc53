#!/bin/bash
# action.yml, and what drywire init writes for GitHub and GitLab: every step is run here, with an apt-get, a curl and a
# cmake that only say what they were asked.
. "$(dirname "$0")/../support/lib.sh"
cd "$work" || exit 1
version=$("$DRYWIRE" --version | cut -d' ' -f2)
mkdir bin tmp
real=$PATH
export PATH=$work/bin:$PATH TMPDIR=$work/tmp DRYWIRE

# fake NAME TEXT: a command that writes down its words and does that.
fake() {
    printf '#!/bin/bash\necho "%s $*" >>"%s/asked"\n%s\n' "$1" "$work" "$2" >"bin/$1"
    chmod +x "bin/$1"
}
forget() { rm -f asked bin/drywire; }
asked() { grep -qE -- "$1" asked || { fail "$name: nobody asked for $1"; cat asked >&2; }; }
link='ln -sf "$DRYWIRE" "$(dirname "$0")/drywire"'
fake sudo '"$@"'
fake apt-get "case \"\$*\" in *.deb) [ -s \"\${@: -1}\" ] && $link ;; esac"
fake curl '[ -z "${NO_RELEASE:-}" ] || exit 22; while [ "$1" != -o ]; do shift; done
case $2 in
    *.sha256) (cd "$(dirname "$2")" && sha256sum "$(basename "$2" .sha256)") >"$2"
              [ -z "${OTHER_PACKAGE:-}" ] || echo other >"${2%.sha256}" ;;
    *) echo package >"$2" ;;
esac'
fake cmake "case \"\$*\" in --install*) $link ;; esac"
fake dpkg 'echo amd64'

# steps FILE EXPRESSION: the scripts that a YAML file has there, one after the other.
steps() { /usr/bin/python3 -c 'import sys, yaml; print("\n".join(eval(sys.argv[2], {"y": yaml.safe_load(open(sys.argv[1]))})))' "$1" "$2"; }
action=$SOURCE/action.yml
steps "$action" '[y["runs"]["steps"][0]["run"]]' >install.sh
steps "$action" '[y["runs"]["steps"][1]["run"]]' >test.sh
printf '%s %s\n' "$(steps "$action" 'sorted(y["inputs"])' | tr '\n' ' ')" >inputs

run 'init' 0 "$DRYWIRE" init --ci both project
cd project || exit 1
export GITHUB_OUTPUT=$work/outputs
install() { env SOURCE="$SOURCE" VERSION="${1:-}" bash -eu "$work/install.sh"; }

# The action: a release, another one, none, and drywire being there already.
cd "$work" || exit 1
forget
run 'a release' 0 install
asked "^curl .* https://github.com/drywire/drywire/releases/download/v$version/drywire_${version}_amd64.deb$"
asked "^apt-get install .*drywire_${version}_amd64.deb$"
grep -qx "version=drywire $version" outputs || fail 'the action says no version'
run 'it is there' 0 install
prints "drywire $version is there"
asked "^curl .*/drywire_${version}_amd64.deb.sha256$"
forget
OTHER_PACKAGE=1 run 'a package that is another one' 1 install
prints "drywire_${version}_amd64.deb: FAILED"
[ -e bin/drywire ] && fail 'a package that is another one is installed'
forget
export NO_RELEASE=1
run 'another release that is not there' 1 install 9.9.9
says 'drywire 9.9.9 has no package for this machine'
forget
run 'a build' 0 install
asked "^cmake -S $SOURCE -B "
asked '^cmake --install'
for package in $(awk '/^<!-- the demo command -->/{on=1; next} on && /^```$/{exit} on' "$SOURCE/README.md" | grep -oE '\b(lib[a-z0-9.-]+|cmake|gcc|make|pkg-config|zlib1g-dev)\b'); do
    asked "^apt-get install .* $package( |$)"
done
unset NO_RELEASE
[ -z "$(ls tmp)" ] || fail "the action leaves $(ls tmp)"

# Its second step.
cd project || exit 1
tests() { env SCRIPTS="$1" ARGUMENTS="$2" JUNIT="$3" bash -eu "$work/test.sh"; }
run 'the tests' 0 tests tests '' drywire.xml
prints '# 1 script: 1 passed'
xmllint --noout --relaxng "$SOURCE/tests/cli/junit.rng" drywire.xml 2>/dev/null || fail 'the report'
run 'with options' 0 tests 'tests/first.lua tests' '--seeds 1..2 --exclude nothing' ''
prints '# 1 script: 1 passed'
echo 'error "no"' >tests/bad.lua
run 'one that fails' 2 tests tests '' ''
rm tests/bad.lua

# What init wrote: the action that it uses has what it is given; GitLab's lines run.
steps .github/workflows/drywire.yml '[s["uses"] for s in y["jobs"]["test"]["steps"]]' >uses
grep -qx "drywire/drywire@v$version" uses || fail "the workflow uses $(cat uses)"
for input in $(steps .github/workflows/drywire.yml 'y["jobs"]["test"]["steps"][1]["with"]'); do
    grep -qw "$input" ../inputs || fail "the action has no input $input"
done
steps .gitlab-ci.yml '["%s=%s" % v for v in y["drywire"]["variables"].items()] + y["drywire"]["before_script"] + y["drywire"]["script"]' >gitlab.sh
cd "$work" && forget && cd project || exit 1
rm -f drywire.xml
OTHER_PACKAGE=1 run 'GitLab, another package' 1 bash -eu gitlab.sh
prints "drywire_${version}_amd64.deb: FAILED"
run 'GitLab' 0 bash -eu gitlab.sh
asked() { grep -qE -- "$1" ../asked || fail "$name: nobody asked for $1"; }
asked "^curl .*/v$version/drywire_${version}_amd64.deb$"
[ -s "$(steps .gitlab-ci.yml '[y["drywire"]["artifacts"]["reports"]["junit"]]')" ] || fail 'GitLab: no report'
rm -f /tmp/drywire_"$version"_amd64.deb /tmp/drywire_"$version"_amd64.deb.sha256
[ "$(steps .github/workflows/drywire.yml '[str(y["permissions"])]')" = "{'contents': 'read'}" ] || fail 'the workflow may write'

# init: what is there stays.
PATH=$real
run 'again' 0 "$DRYWIRE" init --ci gitlab
prints 'kept  ./.gitlab-ci.yml, which is there already'
grep -q wrote "$work/out" && fail 'init again writes something'
rm -r .gitlab-ci.yml .github
echo kept >.luarc.json
run 'what it lacks' 0 "$DRYWIRE" init --ci gitlab
prints 'kept  ./.luarc.json, which is there already'
prints 'wrote ./.gitlab-ci.yml'
[ "$(cat .luarc.json)" = kept ] && [ -e .gitlab-ci.yml ] && [ ! -e .github ] || fail 'init --ci writes other files'
run 'a kind there is not' 2 "$DRYWIRE" init --ci travis
says 'drywire init: --ci: unknown "travis"; expected github, gitlab, both or none'
run 'none' 0 "$DRYWIRE" init --ci none other
[ "$(find other -name '*.yml')" = '' ] || fail 'init --ci none writes a workflow'
finish
