/* What the command says of itself: help, the shell's completion, the options in the manual page. */
#ifndef DWL_HELP_H
#define DWL_HELP_H

#include "command.h"

/* Of one subcommand: its usage, and its options. */
void help_command(const subcommand *s);
/* The script for bash, lua/command/drywire.bash. */
void help_bash(const subcommand *all);
/* The part OPTIONS of drywire(1). */
void help_manual(void);

#endif
