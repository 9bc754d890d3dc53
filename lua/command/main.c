/* The drywire command. */
#include "command.h"
#include "signals.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct subcommand {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary, *help;
} subcommands[] = {
    {"run", cmd_run, "run a script and say whether it passed",
     "usage: drywire run [options] FILE.lua [-- arguments]\n\n"
     "Runs a script; \"-\" reads it from standard input.  A script's path alone does the same.\n\n"
     "  --seed N           the seed of every simulation, over the script's own\n"
     "  --set NAME=VALUE   a parameter, read by dw.param(name, default)\n"
     "  --until TIME       stop each run at this simulated time: 10s\n"
     "  --profile NAME     the TCP profile of every host (see drywire profiles)\n"
     "  --plugin FILE      load a plugin; may be repeated\n"
     "  --drop N,N         lose the packets with these numbers on the ladder\n"
     "  --ladder[=STYLE]   draw the exchange: unicode, ascii, rfc; mermaid, plantuml, mscgen\n"
     "  --numbers HOW      relative, absolute or symbolic; also --absolute, --symbolic\n"
     "  --width N          columns of the ladder, 60 to 400\n"
     "  --pcap FILE        write a capture for Wireshark (pcapng)\n"
     "  --svg FILE         draw the exchange as a picture (SVG); --conn N: one connection\n"
     "  --html FILE        a page that plays the run: states, variables, segments, plots\n"
     "  --detail           trace sequence numbers and buffers too, as --html does\n"
     "  --plots DIR        write what dw.plot draws as SVG, DIR/SCRIPT.svg\n"
     "  --jsonl FILE       save the trace as JSON lines; --trace is the same\n"
     "  --watchdog TIME    stop a script that computes for so long without getting on (10s)\n"
     "  --memory SIZE      the most memory a script and its simulations may use (512MiB)\n"
     "  --update           write golden files instead of comparing with them\n"
     "  --color WHEN       auto, always, never; NO_COLOR is honoured\n"
     "  -q, -v             say less, say more\n"},
    {"test", cmd_test, "run many scripts as tests",
     "usage: drywire test [options] DIRECTORY|FILE.lua ...\n\n"
     "Runs every script (in a directory: all *.lua, in order of their names) in two processes,\n"
     "one after the other, and reports in TAP.  A script passes when it raises no error and both\n"
     "runs have the same digest and print the same.\n\n"
     "  -j N               so many at once; the output's order does not change\n"
     "  --junit FILE       write a JUnit report too\n"
     "  --seed N  --set NAME=VALUE  --profile NAME  --plugin FILE  --watchdog TIME\n"
     "  --memory SIZE  --update     as for drywire run\n"
     "  -v                 each script's digest too\n"
     "  -q                 only failures and the summary\n"},
    {"watch", cmd_watch, "run a script again whenever it is saved",
     "usage: drywire watch [options] FILE.lua [-- arguments]\n\n"
     "Runs the script as drywire run does, with its options, and again when it or another .lua "
     "file\n"
     "in its directory changes, with the ladder.  ctrl-C ends it.\n"},
    {"repl", cmd_repl, "a prompt beside a simulation: step, look, break",
     "usage: drywire repl [options] [FILE.lua]\n\n"
     "A script runs to its first sim:run(), where the prompt comes.  step(), until_(f), go(),\n"
     "breakpoint(f), tcb(), ladder(); help() lists the words.  The script's hosts have their "
     "names,\n"
     "sim and link are what they say, and any Lua goes.\n\n"
     "  --seed N  --set NAME=VALUE  --until TIME  --profile NAME  --plugin FILE  --drop N,N\n"
     "  --watchdog TIME  --memory SIZE  --width N     as for drywire run\n"
     "  -q                 without a greeting\n"},
    {"init", cmd_init, "begin a project: a script, editor settings, a CI workflow",
     "usage: drywire init [DIRECTORY]\n\n"
     "Writes tests/first.lua, .luarc.json and drywire.d.lua for editors with the Lua language\n"
     "server, and .github/workflows/drywire.yml.  Nothing that is there is overwritten.\n"},
    {"drill", cmd_drill, "run packetdrill scripts in virtual time",
     "usage: drywire drill [options] FILE.pkt|DIRECTORY ...\n\n"
     "Runs packetdrill scripts (in a directory: all *.pkt below it) against drywire's TCP and\n"
     "reports in TAP, with a table by directory.  No kernel, no root, no waiting: the clock is\n"
     "simulated.  What drywire does not have fails a script as \"not supported\".  --live runs\n"
     "them against this machine's kernel instead.\n\n"
     "  --profile NAME     TCP as linux, freebsd, rfc9293 ... (guessed from what a script sets)\n"
     "  --ip-version V     ipv4, ipv6 or ipv4-mapped-ipv6, over the script's own\n"
     "  -D NAME=VALUE      what a name stands for in the scripts; -D NAME for #ifdef\n"
     "  --strict           packets that no line of the script expects fail it, at the end too\n"
     "  --live             on this machine's kernel, in real time, in a network namespace of its\n"
     "                     own with a TUN device; needs root and /dev/net/tun\n"
     "  --tolerance TIME   how late or early a packet may be, at least, over the script's own\n"
     "  --ignore FIELDS    of packets: window, mss, wscale, options, push, sack, time; with "
     "commas\n"
     "  --record FILE      do not compare what is sent: write one script with what came instead\n"
     "  --ladder[=STYLE]   draw the exchange: unicode, ascii, rfc; mermaid, plantuml, mscgen\n"
     "  --numbers HOW      relative, absolute or symbolic; --width N; --color WHEN\n"
     "  --pcap FILE        write a capture for Wireshark (pcapng), of one script\n"
     "  --jsonl FILE       save the trace of one script as JSON lines\n"
     "  --html FILE        a page that plays it, of one script\n"
     "  --junit FILE       write a JUnit report too\n"
     "  --sysctls          list the sysctls that scripts may set, and do nothing else\n"
     "  -v                 with --live: each event as it happens\n"
     "  -q                 only failures and the summary\n"},
    {"export", cmd_export, "write one host's part of an experiment as a packetdrill script",
     "usage: drywire export --packetdrill --host NAME [options] FILE.lua|FILE.jsonl\n\n"
     "Runs a script, or loads a saved trace, and writes what one of its hosts did as a script\n"
     "for drywire drill, and for packetdrill on a real kernel: the calls of its application,\n"
     "what it received and what it sent.  What the script prints is left out.\n\n"
     "  --packetdrill      the form to write\n"
     "  --host NAME        whose part\n"
     "  --conn N           its Nth connection (the first)\n"
     "  -o FILE            write there, not to the standard output\n"
     "  --seed N  --set NAME=VALUE  --until TIME  --profile NAME  --plugin FILE  --drop N,N\n"
     "  --watchdog TIME  --memory SIZE     as for drywire run\n"},
    {"figures", cmd_figures, "list, show and check the figures of RFCs and textbooks",
     "usage: drywire figures [list]\n"
     "       drywire figures show NAME [--style STYLE] [--svg FILE] [--html FILE]\n"
     "       drywire figures export DIRECTORY\n\n"
     "Each figure is a script that runs, is compared with the figure as printed, and is drawn\n"
     "in the layout of its source.  export makes a page of all of them, with pictures.\n"},
    {"ladder", cmd_ladder, "draw a saved trace",
     "usage: drywire ladder [options] FILE.jsonl\n\n"
     "  --plugin FILE      whose protocol is in the trace; also of trace, explain, stats, plot, "
     "diff\n"
     "  --style STYLE      unicode, ascii, rfc; mermaid, plantuml, mscgen\n"
     "  --svg FILE         a picture into this file instead; --conn N: one connection\n"
     "  --html FILE        a page that plays it into this file instead\n"
     "  --numbers HOW      relative, absolute or symbolic; also --absolute, --symbolic\n"
     "  --width N          columns, 60 to 400\n"
     "  --color WHEN       auto, always, never\n"},
    {"import", cmd_import, "turn a real capture into a ladder, a page or a script",
     "usage: drywire import [options] FILE.pcapng|FILE.pcap\n\n"
     "Reads one TCP connection of a capture.  When packets left and arrived is worked out from "
     "the\n"
     "shortest answers, states from what each end had seen, losses from what was sent again.\n\n"
     "  --list             the capture's connections, and nothing else\n"
     "  --conn N           the Nth of them (the first)\n"
     "  --ladder[=STYLE]   draw it; without an option that names a file, that is what happens\n"
     "  --svg FILE         as a picture\n"
     "  --html FILE        as a page that plays it\n"
     "  --jsonl FILE       as a trace, for drywire stats, plot, explain and diff\n"
     "  --lua FILE         as a script in which two drywire hosts do the same (- prints it)\n"
     "  --numbers HOW      relative, absolute or symbolic; --width N; --color WHEN\n"
     "  -q                 without notes\n"},
    {"trace", cmd_trace, "print a saved trace, a line an event",
     "usage: drywire trace [--all] FILE.jsonl\n\n"
     "  --all              variables and timers too\n"
     "  -q                 without the digest\n"},
    {"explain", cmd_explain, "say why each thing in a saved trace happened",
     "usage: drywire explain [--event N] [--all] FILE.jsonl\n\n"
     "  --event N          the Nth event alone\n"
     "  --all              timers too\n"},
    {"stats", cmd_stats, "say what connections and links did, in numbers",
     "usage: drywire stats [--conn N] [--json] FILE.jsonl\n\n"
     "For each end of a connection: times, octets, goodput, what was sent again and why, the\n"
     "round trip; for each direction of a link: use, the longest queue, what was dropped and "
     "why.\n"},
    {"plot", cmd_plot, "plot variables of a saved trace",
     "usage: drywire plot [options] FILE.jsonl\n\n"
     "  --series NAMES     cwnd, ssthresh, flight, srtt, rto ..., separated by commas; default "
     "cwnd\n"
     "  --conn N           of this connection (see drywire stats); default 1\n"
     "  --svg FILE         into a picture instead of the terminal\n"
     "  --csv FILE         likewise into rows of series,time,value\n"
     "  --gnuplot FILE     likewise into a script for gnuplot, with its data\n"
     "  --width N          columns, 60 to 400\n"},
    {"diff", cmd_diff, "show where two saved traces part",
     "usage: drywire diff A.jsonl B.jsonl\n\nExit code 0 when they are equal, 1 when not.\n"},
    {"check", cmd_check, "run a script in changed surroundings and compare",
     "usage: drywire check FILE.lua\n\n"
     "Runs the script eight times under other hash seeds, address layouts, directories,\n"
     "environments, locales and CPU features, with the options of drywire run.  When a trace,\n"
     "what the script prints or how it fails differs, the first event or line that does is\n"
     "shown, and the exit code is 5; otherwise it is the script's.\n"},
    {"profiles", cmd_profiles, "list, show and compare the TCP profiles",
     "usage: drywire profiles [list] [--json]\n"
     "       drywire profiles show NAME\n"
     "       drywire profiles diff A B\n"},
    {"defects", cmd_defects, "list the mistakes that can be switched on, and what breaks",
     "usage: drywire defects [--json]\n\n"
     "Each is switched on by tcp = { defect = \"NAME\" } of a host or a simulation.\n"},
    {"coverage", cmd_coverage, "which requirements of RFC 9293 the scripts show",
     "usage: drywire coverage [-j N] [--json|--markdown] [DIRECTORY|FILE.lua ...]\n\n"
     "Runs the scripts (tests/scenario and the examples when none are named) and counts the\n"
     "requirements that those which pass declare with dw.covers.  Exit code 1 when a MUST has\n"
     "none.\n"},
    {"catalogue", cmd_catalogue, "the edge cases that scripts show, by their ids",
     "usage: drywire catalogue [-j N] [--json|--markdown] [DIRECTORY|FILE.lua ...]\n"},
    {"states", cmd_states, "the state diagram, with the arrows that scripts walked",
     "usage: drywire states [-j N] [--style text|svg|dot] [DIRECTORY|FILE.lua ...]\n"},
    {NULL, NULL, NULL, NULL},
};

static void print_help(FILE *f)
{
    fprintf(f, "usage: drywire COMMAND ...     TCP on a wire that is not there.\n\n");
    for (const struct subcommand *s = subcommands; s->name; s++)
        fprintf(f, "  %-9s %s\n", s->name, s->summary);
    fprintf(f,
            "\n  drywire FILE.lua runs a script; drywire COMMAND --help says more.\n"
            "\nExit codes: 0 pass, 1 an assertion failed, 2 usage or script error, 3 a limit was\n"
            "reached or memory ran out, 4 plugin fault, 5 nondeterminism found, 128 and more:\n"
            "ended by a signal (130 ctrl-C, 143 SIGTERM).  A script's os.exit keeps its own.\n");
}

static bool is_script(const char *word)
{
    size_t n = strlen(word);
    return (n > 4 && strcmp(word + n - 4, ".lua") == 0) || strcmp(word, "-") == 0 ||
           strchr(word, '/');
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    return false;
}

/* jansson goes on without what its buffers cannot grow for, and may then read past them: so that a
 * command says that it has no memory, its allocator does. */
static void *json_memory(size_t size)
{
    return needed(malloc(size));
}

static int unknown_command(const char *word)
{
    const char *names[sizeof subcommands / sizeof subcommands[0]] = {0};
    for (int i = 0; subcommands[i].name; i++)
        names[i] = subcommands[i].name;
    const char *near = dw_nearest(word, names);
    if (near) return usage_error(NULL, "unknown command \"%s\"; did you mean \"%s\"?", word, near);
    return usage_error(NULL, "unknown command \"%s\" (see drywire --help)", word);
}

/* help [COMMAND] */
static int help(int argc, char **argv)
{
    if (argc == 0) {
        print_help(stdout);
        return EXIT_PASS;
    }
    for (int i = 0; subcommands[i].name; i++) {
        if (strcmp(argv[0], subcommands[i].name) != 0) continue;
        fputs(subcommands[i].help, stdout);
        return EXIT_PASS;
    }
    return unknown_command(argv[0]);
}

static int command(int argc, char **argv)
{
    json_set_alloc_funcs(json_memory, free);
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--version") == 0) {
        printf("drywire %s\n", dw_version());
        return EXIT_PASS;
    }
    if (strcmp(word, "help") == 0) return help(argc - 2, argv + 2);
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) return help(0, NULL);
    for (int i = 0; subcommands[i].name; i++) {
        if (strcmp(word, subcommands[i].name) != 0) continue;
        if (!wants_help(argc - 2, argv + 2)) return subcommands[i].run(argc - 2, argv + 2);
        fputs(subcommands[i].help, stdout);
        return EXIT_PASS;
    }
    if (is_script(word) || word[0] == '-') return cmd_run(argc - 1, argv + 1);
    return unknown_command(word);
}

/* head, or a pager that was left, has had enough. */
static bool nobody_reads(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

/* Whatever was printed must have arrived; that a reader went away is no news to whoever did it. */
static int check_output(int code)
{
    bool failed = ferror(stdout) != 0;
    errno = 0;
    failed |= fflush(stdout) != 0;
    if (!failed) return code;
    if (nobody_reads(STDOUT_FILENO)) return code == EXIT_PASS ? EXIT_SIGNAL + SIGPIPE : code;
    usage_error(NULL, "cannot write the standard output: %s",
                errno ? strerror(errno) : "is the disk full?");
    return code == EXIT_PASS ? EXIT_USAGE : code;
}

int main(int argc, char **argv)
{
    signals_prepare();
    return check_output(command(argc, argv));
}
