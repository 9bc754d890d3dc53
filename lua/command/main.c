/* The drywire command. */
#include "command.h"
#include "deal/ranks.h"
#include "failure.h"
#include "help.h"
#include "printing.h"
#include "signals.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const subcommand subcommands[] = {
    {"run", cmd_run, "run a script and say whether it passed",
     "usage: drywire run [options] FILE.lua [-- arguments]\n\n"
     "Runs a script; \"-\" reads it from standard input.  A script's path alone does the same.\n",
     NULL},
    {"test", cmd_test, "run many scripts as tests",
     "usage: drywire test [options] DIRECTORY|FILE.lua ...\n\n"
     "Runs every script in two processes, one after the other, and reports in TAP.  A script "
     "passes\n"
     "when it raises no error and both runs have the same digest and print the same.  A directory\n"
     "stands for all *.lua in it and below, without hidden directories and build trees; what "
     "another\n"
     "script requires and makes no simulation by itself is no test.\n",
     NULL},
    {"sweep", cmd_sweep, "run a script's sweeps over parameters and seeds",
     "usage: drywire sweep [options] FILE.lua [-- arguments]\n\n"
     "Runs a script that calls dw.sweep, and prints the statistics of each point.  With --jsonl\n"
     "every run is kept as soon as it is done; the same command goes on where it was ended.\n",
     NULL},
    {"explore", cmd_explore, "run a script under every plan of so many faults",
     "usage: drywire explore [options] FILE.lua [-- arguments]\n\n"
     "Loses, duplicates, damages and holds up packets in every combination of so many faults, the\n"
     "smallest first, until the script fails or all were tried.  What it prints is left out.\n"
     "A plan that fails is shown as a ladder, with the line that runs it again.  With --against "
     "two\n"
     "profiles are compared under each plan; exit code 1 says that they differ.\n",
     NULL},
    {"swarm", cmd_swarm, "run a script with many seeds that draw faults",
     "usage: drywire swarm [options] FILE.lua [-- arguments]\n\n"
     "With each seed the script is run without faults, and then with some that are drawn: which\n"
     "kinds, how many, and which packets they strike.  Parameters with values (dw.param) are "
     "drawn,\n"
     "too.  A failure is made as small as it can be, in faults, parameters and statements, and "
     "shown\n"
     "as a ladder, with the line that runs it again.\n",
     NULL},
    {"watch", cmd_watch, "run a script again whenever it is saved",
     "usage: drywire watch [options] FILE.lua [-- arguments]\n\n"
     "Runs the script as drywire run does, with its options, and again when it or another .lua "
     "file\n"
     "in its directory changes, with the ladder.  ctrl-C ends it.\n",
     NULL},
    {"repl", cmd_repl, "a prompt beside a simulation: step, look, break",
     "usage: drywire repl [options] [FILE.lua]\n\n"
     "A script runs to its first sim:run(), where the prompt comes.  step(), until_(f), go(),\n"
     "breakpoint(f), tcb(), ladder(); help() lists the words.  The script's hosts have their "
     "names,\n"
     "sim and link are what they say, and any Lua goes.\n",
     NULL},
    {"init", cmd_init, "begin a project: a script, editor settings, a CI workflow",
     "usage: drywire init [--ci KIND] [DIRECTORY]\n\n"
     "Writes tests/first.lua, .luarc.json and drywire.d.lua for editors with the Lua language\n"
     "server, snippets for VS Code (.vscode/), and .github/workflows/drywire.yml or\n"
     ".gitlab-ci.yml, which install a release of drywire and run what is in tests.  Nothing that\n"
     "is there is overwritten.\n",
     NULL},
    {"drill", cmd_drill, "run packetdrill scripts in virtual time",
     "usage: drywire drill [options] FILE.pkt|DIRECTORY ...\n\n"
     "Runs packetdrill scripts (in a directory: all *.pkt below it) against drywire's TCP and\n"
     "reports in TAP, with a table by directory.  No kernel, no root, no waiting: the clock is\n"
     "simulated.  What drywire does not have fails a script as \"not supported\".  --live runs\n"
     "them against this machine's kernel instead.\n",
     NULL},
    {"export", cmd_export, "write one host's part of an experiment as a packetdrill script",
     "usage: drywire export --packetdrill --host NAME [options] FILE.lua|FILE.jsonl\n\n"
     "Runs a script, or loads a saved trace, and writes what one of its hosts did as a script\n"
     "for drywire drill, and for packetdrill on a real kernel: the calls of its application,\n"
     "what it received and what it sent.  What the script prints is left out.\n",
     NULL},
    {"figures", cmd_figures, "list, show and check the figures of RFCs and textbooks",
     "usage: drywire figures [list]\n"
     "       drywire figures show NAME [--style STYLE] [--svg FILE] [--html FILE]\n"
     "       drywire figures export DIRECTORY\n\n"
     "Each figure is a script that runs, is compared with the figure as printed, and is drawn\n"
     "in the layout of its source.  export makes a page of all of them, with pictures.\n",
     "list show export"},
    {"ladder", cmd_ladder, "draw a saved trace", "usage: drywire ladder [options] FILE.jsonl\n",
     NULL},
    {"import", cmd_import, "turn a real capture into a ladder, a page or a script",
     "usage: drywire import [options] FILE.pcapng|FILE.pcap [FILE]\n\n"
     "Reads one TCP connection of a capture, compressed or not, of the innermost IP packets where\n"
     "there are tunnels; --list shows which there are.  A second file has the same connections "
     "from\n"
     "another place.  When packets left and arrived is worked out from "
     "the\n"
     "shortest answers, states from what each end had seen, losses from what was sent again.\n"
     "It is drawn, or written into the files that options name.\n",
     NULL},
    {"trace", cmd_trace, "print a saved trace, a line an event",
     "usage: drywire trace [--all] FILE.jsonl\n", NULL},
    {"explain", cmd_explain, "say why each thing in a saved trace happened",
     "usage: drywire explain [--packet N] [--event N] [--all] FILE.jsonl\n\n"
     "Of a script: drywire run --explain FILE.lua, or drywire run --packet N FILE.lua\n",
     NULL},
    {"stats", cmd_stats, "say what connections and links did, in numbers",
     "usage: drywire stats [--conn N] [--json] FILE.jsonl\n\n"
     "For each end of a connection: times, octets, goodput, what was sent again and why, the\n"
     "round trip; for each direction of a link: use, the longest queue, what was dropped and "
     "why.\n\n"
     "One that was not closed lasts to the end of the trace.  A round trip is how long data took\n"
     "to be acknowledged, by the ACK that it caused; what was sent again gives none, nor what was\n"
     "acknowledged together with it, which had to wait behind a hole (RFC 6298 section 3).\n",
     NULL},
    {"plot", cmd_plot, "plot variables of a saved trace",
     "usage: drywire plot [options] FILE.jsonl\n", NULL},
    {"diff", cmd_diff, "show where two saved traces part",
     "usage: drywire diff A.jsonl B.jsonl\n\nExit code 0 when they are equal, 1 when not.\n", NULL},
    {"check", cmd_check, "run a script in changed surroundings and compare",
     "usage: drywire check [options] FILE.lua\n\n"
     "Runs the script eight times under other hash seeds, address layouts, directories,\n"
     "environments, locales and CPU features.  When a trace, what the script prints or how it\n"
     "fails differs, the first event or line that does is shown, and the exit code is 5;\n"
     "otherwise it is the script's.\n",
     NULL},
    {"profiles", cmd_profiles, "list, show and compare the TCP profiles",
     "usage: drywire profiles [list] [--json]\n"
     "       drywire profiles show NAME\n"
     "       drywire profiles diff A B\n",
     "list show diff rfc9293 linux freebsd rfc793 embedded"},
    {"defects", cmd_defects, "list the mistakes that can be switched on, and what breaks",
     "usage: drywire defects [--json]\n\n"
     "Each is switched on by tcp = { defect = \"NAME\" } of a host or a simulation.\n",
     NULL},
    {"coverage", cmd_coverage, "which requirements of RFC 9293 the scripts show",
     "usage: drywire coverage [-j N] [--json|--markdown] [DIRECTORY|FILE.lua ...]\n\n"
     "Runs the scripts (tests/scenario and the examples when none are named) and counts the\n"
     "requirements that those which pass declare with dw.covers.  Exit code 1 when a MUST has\n"
     "none.\n",
     NULL},
    {"catalogue", cmd_catalogue, "the edge cases that scripts show, by their ids",
     "usage: drywire catalogue [-j N] [--json|--markdown] [DIRECTORY|FILE.lua ...]\n", NULL},
    {"states", cmd_states, "the state diagram, with the arrows that scripts walked",
     "usage: drywire states [-j N] [--style text|svg|dot] [DIRECTORY|FILE.lua ...]\n", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static void print_help(FILE *f)
{
    fprintf(f, "usage: drywire COMMAND ...     TCP on a wire that is not there.\n\n");
    for (const subcommand *s = subcommands; s->name; s++)
        fprintf(f, "  %-9s %s\n", s->name, s->summary);
    fprintf(f,
            "\n  drywire FILE.lua runs a script; drywire COMMAND --help says more.\n"
            "\nExit codes: 0 pass, 1 an assertion failed, 2 usage or script error, 3 a limit was\n"
            "reached or memory ran out, 4 plugin fault, 5 nondeterminism found, 128 and more:\n"
            "ended by a signal (130 ctrl-C, 143 SIGTERM).  A script's os.exit keeps its own.\n");
}

static bool is_script(const char *word)
{
    return ends_in(word, ".lua") || strcmp(word, "-") == 0 || strchr(word, '/');
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

/* What is near a word that is none of the subcommands, nor one of two others (each may be NULL). */
static int unknown_command(const char *word, const char *other, const char *another)
{
    const char *names[sizeof subcommands / sizeof subcommands[0] + 2] = {0};
    int count = 0;
    while (subcommands[count].name) {
        names[count] = subcommands[count].name;
        count++;
    }
    names[count] = other;
    if (other) names[count + 1] = another;
    const char *near = dw_nearest(word, names);
    if (near) return usage_error(NULL, "unknown command \"%s\"; did you mean \"%s\"?", word, near);
    return usage_error(NULL, "unknown command \"%s\" (see drywire --help)", word);
}

static const subcommand *find_command(const char *word)
{
    for (const subcommand *s = subcommands; s->name; s++)
        if (strcmp(word, s->name) == 0) return s;
    return NULL;
}

/* Words that write what is generated of the project's files. */
static const struct generator {
    const char *word;
    void (*write)(const subcommand *all);
} generators[] = {{"bash", help_bash}, {"zsh", help_zsh}, {"fish", help_fish}};

/* help manual [COMMAND] */
static int manual(const char *name)
{
    const subcommand *s = name ? find_command(name) : NULL;
    if (name && !s) return unknown_command(name, NULL, NULL);
    if (s)
        help_manual_of(s);
    else
        help_manual();
    return EXIT_PASS;
}

/* Whether a command does several things, of which a word names one: figures export. */
static bool has_action(const subcommand *s, const char *word)
{
    char action[60];
    snprintf(action, sizeof action, "drywire %s %s", s->name, word);
    return strstr(s->usage, action) != NULL;
}

/* help [COMMAND | bash | zsh | fish | manual [COMMAND]] */
static int help(int argc, char **argv)
{
    const char *word = argc > 0 ? argv[0] : NULL;
    const subcommand *s = word ? find_command(word) : NULL;
    bool is_manual = word && strcmp(word, "manual") == 0;
    int most = is_manual || (s && argc > 1 && has_action(s, argv[1])) ? 2 : 1;
    if (argc > most)
        return usage_error(NULL, "help: one word at most; \"%s\" is too much", argv[most]);
    if (is_manual) return manual(argv[1]);
    if (!word)
        print_help(stdout);
    else if (s)
        help_command(s);
    if (!word || s) return EXIT_PASS;
    for (size_t i = 0; i < sizeof generators / sizeof generators[0]; i++) {
        if (strcmp(word, generators[i].word) != 0) continue;
        generators[i].write(subcommands);
        return EXIT_PASS;
    }
    return unknown_command(word, "bash", "manual");
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
    const subcommand *s = find_command(word);
    if (s && wants_help(argc - 2, argv + 2)) {
        help_command(s);
        return EXIT_PASS;
    }
    if (s) return s->run(argc - 2, argv + 2);
    if (is_script(word) || word[0] == '-') return cmd_run(argc - 1, argv + 1);
    return unknown_command(word, "help", NULL);
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
    if (!errno && code > EXIT_SIGNAL) return code; /* the signal ended a write that waited */
    if (nobody_reads(STDOUT_FILENO)) return code == EXIT_PASS ? EXIT_SIGNAL + SIGPIPE : code;
    usage_error(NULL, "cannot write the standard output: %s",
                errno ? strerror(errno) : "is the disk full?");
    return code == EXIT_PASS ? EXIT_USAGE : code;
}

/* Those that deal work out have something to do for every rank of a job. */
static bool deals(const char *word)
{
    static const char *const dealing[] = {"run", "sweep", "explore", "test"};
    for (size_t i = 0; i < sizeof dealing / sizeof dealing[0]; i++)
        if (strcmp(word, dealing[i]) == 0) return true;
    return is_script(word);
}

int main(int argc, char **argv)
{
    char why[300];
    signals_prepare();
    if (dw_ranks_join(argc > 1 && deals(argv[1]), why, sizeof why) != DW_OK)
        return usage_error(NULL, "%s", why);
    return check_output(command(argc, argv));
}
