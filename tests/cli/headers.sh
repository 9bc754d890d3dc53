#!/bin/bash
# Each public header compiles alone, as C and as C++, and a program in C++ links with the library.
. "$(dirname "$0")/../support/lib.sh"
cd "$SOURCE" || exit 1

strict=(-Wall -Wextra -Wpedantic -pedantic-errors -Wshadow -Wundef -Wconversion -Wsign-conversion -Werror)

# alone COMPILER STANDARD SUFFIX: a file that includes nothing else.
alone() {
    for header in core/include/drywire/*.h; do
        echo "#include <drywire/${header##*/}>" >"$work/alone.$3"
        run "${header##*/} with $1 as $2" 0 "$1" -std="$2" "${strict[@]}" -Icore/include -fsyntax-only "$work/alone.$3"
    done
}
for compiler in gcc clang; do
    for standard in c11 c17 gnu17; do alone $compiler $standard c; done
done
for compiler in g++ clang++; do
    for standard in c++11 c++17 c++20; do alone $compiler $standard cc; done
done

# A C program with the initialiser, in every standard.
cat >"$work/init.c" <<'EOF'
#include <drywire/drywire.h>
dw_sim_config config = DW_INIT(dw_sim_config);
int main(void)
{
    dw_rule_config rule = DW_INIT(dw_rule_config);
    return config.size != sizeof(dw_sim_config) || rule.size != sizeof rule;
}
EOF
for standard in c11 c17; do
    run "DW_INIT as $standard" 0 gcc -std=$standard "${strict[@]}" -Icore/include -fsyntax-only "$work/init.c"
done

# What the headers hold inline, and what zeroes and NULL mean, from C++.
cat >"$work/hello.cc" <<'EOF'
#include <drywire/drywire.h>
#include <cstdio>

int main()
{
    dw_sim *sim = nullptr;
    dw_node *a = nullptr, *b = nullptr;
    dw_sim_config config = DW_INIT(dw_sim_config);
    dw_direction_config path = DW_INIT(dw_direction_config);
    path.delay_ns = DW_MILLISECOND;
    config.trace = true;
    if (dw_sim_new(&config, &sim) != DW_OK) return 1;
    if (dw_node_new(sim, "a", &a) != DW_OK || dw_node_new(sim, "b", &b) != DW_OK) return 1;
    if (dw_link_new(a, b, &path, nullptr, nullptr) != DW_OK) return 1;
    dw_addr addr = dw_addr_v4(0x0a000001), first = dw_node_address(a);
    DW_ASSERT(dw_addr_equal(&addr, &first));
    dw_flow flow{};
    dw_socket *socket = nullptr;
    flow.remote = dw_node_address(b);
    flow.remote_port = 80;
    if (dw_socket_connect(a, "tcp", &flow, nullptr, nullptr, &socket) != DW_OK) return 1;
    if (dw_sim_run(sim, DW_TIME_NEVER) != DW_OK) return 1;
    char *ladder = dw_ladder(dw_sim_trace(sim), nullptr);
    std::fputs(ladder, stdout);
    dw_free(ladder);
    dw_sim_free(sim);
}
EOF
case $COMPILER in *clang*) plus=clang++ ;; *) plus=g++ ;; esac
sanitizers=
if [ "$SANITIZE" = ON ]; then sanitizers=-fsanitize=address,undefined; fi
folder=$(dirname "$LIBRARY")
# shellcheck disable=SC2086
run 'a program in C++' 0 $plus -std=c++17 "${strict[@]}" $sanitizers -Icore/include "$work/hello.cc" \
    -o "$work/hello" "-L$folder" -ldrywire "-Wl,-rpath,$folder"
run 'its run' 0 "$work/hello"
prints 'RST,ACK'
finish
