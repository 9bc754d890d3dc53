/* The signals of a process that runs a script: the watchdog's alarm, and those that ask for an end.
 *
 * The first of these lets the script end as soon as Lua or the simulation can, and what was traced
 * is written; another one, half a second later or more, ends the process at once. */
#ifndef DWL_SIGNALS_H
#define DWL_SIGNALS_H

#include "binding/base/state.h"

#include <setjmp.h>

/* Where a script is left that cannot be ended: what its Lua state holds is then out of order. */
typedef struct signal_exit {
    sigjmp_buf where;
} signal_exit;

/* Before the command does anything: descriptors 0 to 2 are open, and a write into a broken pipe or
 * past a limit on file sizes is an error like any other. */
void signals_prepare(void);
/* SIGINT, SIGTERM and SIGHUP are noted from here on to signals_release; nested calls do nothing.
 * Opening, reading and writing that wait are then over: EINTR. */
void signals_catch(void);
void signals_release(void);
/* Around printing, when nothing else is left to be lost: a signal then ends the process at once;
 * and when one came before, a reader who takes nothing is waited for two seconds. */
void signals_before_printing(void);
void signals_after_printing(void);
/* The signal that came since signals_catch, or 0. */
int signals_caught(void);
/* From here to signals_leave a script runs.  When it has to end and does not, `out` is jumped to,
 * where that is safe.  show, where given, is called a few times a second, by the alarm. */
void signals_enter(dwl_state *s, signal_exit *out, void (*show)(const dwl_state *s));
void signals_leave(void);
/* In a child of the process that runs the script, which does a part of that: so that it is looked
 * after likewise.  One that does not react ends. */
void signals_forked(dwl_state *s);

#endif
