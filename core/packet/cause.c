/* The core's own causes that others ask for. */
#include "cause.h"

#include <string.h>

const dw_cause dw_cause_queue_full = {"queue-full", NULL, "the link's queue had no room"};
const dw_cause dw_cause_queue_refuses = {"queue-refuses", NULL,
                                         "the sender's own queue takes nothing: it has not left"};
const dw_cause dw_cause_inject = {"fault-inject", NULL, "the script made this packet"};
const dw_cause dw_cause_rewrite = {"fault-rewrite", NULL, "a rule of the script changed a field"};
const dw_cause dw_cause_crash = {"crash", NULL, "the host lost its memory and restarted"};

bool dw_cause_is(const dw_cause *cause, const dw_cause *which)
{
    return cause == which || (cause && strcmp(cause->name, which->name) == 0);
}
