#!/bin/bash
# libedit 3.1-20221030 (Debian 12: libedit2, libedit-dev 3.1-20221030-2): an end of file that is typed
# while no line is being edited makes the next one impossible.
#
# A program reads lines with readline(), works for a moment, and reads again: a prompt.  While it works
# the terminal is in canonical mode, and a ctrl-D typed then waits in the terminal's queue; when libedit
# turns canonical mode off, the kernel hands it over as a NUL.  At a readline() prompt libedit has NUL
# bound to ed-quoted-insert (its own `bind ^@` says so), so the next key is inserted as it is.  The
# user, whose first ctrl-D did nothing, types ctrl-D again: it becomes a character of the line, and all
# later ones find a line that is not empty and only ring the bell.  GNU readline ignores the NUL, so its
# second ctrl-D ends.
#
# Seen: after "work" and an early ctrl-D, libedit's program still waits after three more of them, and the
# same program with GNU readline 8.2-1.3 ends at the first.  With `bind ^@ em-set-mark` in libedit's
# program (rl_parse_and_bind in rl_pre_input_hook) the first ends it, too.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -q libedit2=3.1-20221030-2 libedit-dev=3.1-20221030-2 libreadline8=8.2-1.3 libreadline-dev=8.2-1.3 >log 2>&1 ||
    { cat log >&2; exit 2; }
for package in *.deb; do dpkg -x "$package" "${package%%_*}"; done
mkdir edit gnu
cp -a libedit2/usr/lib/*/libedit.so.2* edit/
cp -a libreadline8/lib/*/libreadline.so.8* gnu/

cat >prompt.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
char *readline(const char *prompt);
int rl_parse_and_bind(const char *line);
extern int (*rl_pre_input_hook)(void);
#ifdef BIND
static int bind_nul(void)
{
    static char line[] = "bind ^@ em-set-mark";
    return rl_parse_and_bind(line);
}
#endif
int main(void)
{
    char *line;
#ifdef BIND
    rl_pre_input_hook = bind_nul;
#endif
    while ((line = readline("> ")) != NULL) {
        if (strcmp(line, "work") == 0) {
            puts("working");
            fflush(stdout);
            usleep(500000);
        }
        free(line);
    }
    puts("end of input");
    return 0;
}
C
gcc -o with-libedit prompt.c edit/libedit.so.2
gcc -DBIND -o with-libedit-bound prompt.c edit/libedit.so.2
gcc -o with-readline prompt.c gnu/libreadline.so.8

cat >type.py <<'P'
import os, pty, select, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execv(sys.argv[1], [sys.argv[1]])
seen = b""
def until(text, seconds=10):
    global seen
    end = time.time() + seconds
    while text not in seen and select.select([fd], [], [], max(0, end - time.time()))[0]:
        try: seen += os.read(fd, 4096)
        except OSError: break # the program has ended
    found = text in seen
    seen = seen.split(text, 1)[-1]
    return found
until(b"> ")
os.write(fd, b"work\n")
until(b"working")
time.sleep(0.2)
os.write(fd, b"\x04") # too early
until(b"> ")
time.sleep(0.3)
for tries in 1, 2, 3:
    os.write(fd, b"\x04")
    if until(b"end of input", 1):
        print("ends at", tries)
        break
else:
    print("does not end")
    os.kill(pid, 9)
os.waitpid(pid, 0)
P
failed=0
check() { # PROGRAM LIBRARY EXPECTED
    local seen
    seen=$(LD_LIBRARY_PATH=$work/$2 python3 type.py "./$1")
    echo "$1: $seen"
    [ "$seen" = "$3" ] || failed=1
}
check with-libedit edit 'does not end'
check with-libedit-bound edit 'ends at 1'
check with-readline gnu 'ends at 1'
[ $failed = 0 ] || { echo 'no longer as described' >&2; exit 1; }
