/* What the command says of itself: help, completion for shells, manual pages. */
#ifndef DWL_HELP_H
#define DWL_HELP_H

#include "command.h"

/* Of one subcommand: its usage, and its options. */
void help_command(const subcommand *s);

/* Scripts that complete words in bash, zsh and fish. */
void help_bash(const subcommand *all);
void help_zsh(const subcommand *all);
void help_fish(const subcommand *all);

/* The part OPTIONS of drywire(1). */
void help_manual(void);
/* drywire-NAME(1), whole. */
void help_manual_of(const subcommand *s);

#endif
