#!/bin/bash
# What action.yml does before the tests: a release's package for Debian and its relatives, or, where there is
# none for this machine, a build of the source beside which this file lies.  VERSION names the release;
# SOURCE is the source.
set -eu
RELEASES=${RELEASES:-https://github.com/drywire/drywire/releases/download}
here=$(sed -n 's/^#define DW_VERSION "\(.*\)"$/\1/p' "$SOURCE/core/include/drywire/base.h")
version=${VERSION:-$here}
version=${version#v}
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

have() { command -v "$1" >/dev/null; }

# The package, downloaded, compared with its checksum and installed; false: there is none for this version and processor.
install_release() {
    have dpkg || return 1
    local package
    package=drywire_${version}_$(dpkg --print-architecture).deb
    have curl || { $sudo apt-get update && $sudo apt-get install -y --no-install-recommends ca-certificates curl; } || return 1
    curl -fsSL --retry 3 -o "$work/$package" "$RELEASES/v$version/$package" || return 1
    curl -fsSL --retry 3 -o "$work/$package.sha256" "$RELEASES/v$version/$package.sha256" || return 1
    (cd "$work" && sha256sum -c "$package.sha256") || exit 1
    $sudo apt-get update
    $sudo apt-get install -y --no-install-recommends "$work/$package"
}

# The packages are those that the README names.
build_source() {
    [ "$version" = "$here" ] || { echo "drywire $version has no package for this machine" >&2; return 1; }
    if have apt-get; then
        $sudo apt-get update
        $sudo apt-get install -y --no-install-recommends cmake gcc libc6-dev make pkg-config liblua5.4-dev libuv1-dev libxxhash-dev \
            libjansson-dev libutf8proc-dev libedit-dev libjs-dygraphs zlib1g-dev libzstd-dev
    fi
    cmake -S "$SOURCE" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DDRYWIRE_TESTS=OFF
    cmake --build "$work/build" -j"$(nproc)"
    $sudo cmake --install "$work/build"
}

if have drywire && [ "$(drywire --version)" = "drywire $version" ]; then
    echo "drywire $version is there"
elif ! install_release; then
    echo "no package of drywire $version for this machine: building it"
    build_source
fi
drywire --version
