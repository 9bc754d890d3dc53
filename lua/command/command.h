/* The subcommands of the drywire command. */
#ifndef DWL_COMMAND_H
#define DWL_COMMAND_H

#include <stdio.h>

/* run gets the words behind the name. */
typedef struct subcommand {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
    const char *usage; /* what help says before the options */
    const char *words; /* what a shell offers besides options, or NULL */
} subcommand;

int cmd_run(int argc, char **argv);
int cmd_explore(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_stats(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_coverage(int argc, char **argv);
int cmd_catalogue(int argc, char **argv);
int cmd_states(int argc, char **argv);
int cmd_profiles(int argc, char **argv);
int cmd_defects(int argc, char **argv);
int cmd_test(int argc, char **argv);
int cmd_drill(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_figures(int argc, char **argv);
int cmd_ladder(int argc, char **argv);
int cmd_repl(int argc, char **argv);
int cmd_watch(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_trace(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_sweep(int argc, char **argv);
int cmd_swarm(int argc, char **argv);

#endif
