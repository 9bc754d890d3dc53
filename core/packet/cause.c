/* The core's own causes (see cause.h). */
#include "cause.h"

#include "drywire/sim.h"

#include <string.h>

const dw_cause dw_cause_queue_full = {"queue-full", NULL, "the link's queue had no room"};
const dw_cause dw_cause_queue_refuses = {"queue-refuses", NULL,
                                         "the sender's own queue takes nothing: it has not left"};
const dw_cause dw_cause_inject = {"fault-inject", NULL, "the script made this packet"};
const dw_cause dw_cause_rewrite = {"fault-rewrite", NULL, "a rule of the script changed a field"};
const dw_cause dw_cause_crash = {"crash", NULL, "the host lost its memory and restarted"};
const dw_cause dw_cause_fault_drop = {"fault-drop", NULL, "a rule of the script dropped it"};
const dw_cause dw_cause_fault_duplicate = {"fault-duplicate", NULL,
                                           "a rule of the script copied it"};
const dw_cause dw_cause_fault_corrupt = {"fault-corrupt", NULL, "a rule of the script damaged it"};
const dw_cause dw_cause_fault_delay = {"fault-delay", NULL, "a rule of the script delayed it"};
const dw_cause dw_cause_fault_hold = {"fault-hold", NULL, "a rule of the script holds it"};
const dw_cause dw_cause_no_transport = {"no-transport", "RFC 1122 3.2.2.1",
                                        "the host does not speak the packet's transport protocol"};
const dw_cause dw_cause_raw = {"raw", NULL, "made outside of the simulation"};
const dw_cause dw_cause_stack = {"foreign-stack", NULL, "a foreign stack made it"};
const dw_cause dw_cause_stack_says = {"stack-says", NULL, "the foreign stack says so"};
const dw_cause dw_cause_stack_shows = {"segments-show", NULL, "shown by the segments"};
const dw_cause dw_cause_no_network = {"no-network-protocol", NULL,
                                      "the host has no protocol for packets of this kind"};
const dw_cause dw_cause_cannot_rewrite = {"rewrite-impossible", NULL,
                                          "the packet has no such field that could be changed"};
const dw_cause dw_cause_random_loss = {"random-loss", NULL, "the link lost it by chance"};
const dw_cause dw_cause_link_down = {"link-down", NULL, "the link was down"};
const dw_cause dw_cause_random_corrupt = {"random-corruption", NULL,
                                          "the link flipped a bit by chance"};
const dw_cause dw_cause_random_duplicate = {"random-duplication", NULL,
                                            "the link delivered it twice by chance"};
const dw_cause dw_cause_too_big = {
    "mtu-exceeded", "RFC 791 3.2",
    "the packet is larger than the link's MTU and may not be fragmented"};
const dw_cause dw_cause_planned_loss = {"planned-loss", NULL, "the plan of faults lost it"};
const dw_cause dw_cause_planned_copy = {"planned-duplication", NULL,
                                        "the plan of faults delivered it twice"};
const dw_cause dw_cause_planned_damage = {"planned-corruption", NULL,
                                          "the plan of faults flipped a bit of it"};
const dw_cause dw_cause_planned_old = {"planned-replay", NULL,
                                       "the plan of faults delivered an old one again"};
const dw_cause dw_cause_host_down = {"host-down", NULL, "the plan of faults has the host down"};
const dw_cause dw_cause_planned_wait = {"planned-delay", NULL, "the plan of faults held it up"};

const dw_cause *dw_cause_builtin(size_t index)
{
    static const dw_cause *const all[] = {
        &dw_cause_queue_full,      &dw_cause_queue_refuses,  &dw_cause_inject,
        &dw_cause_rewrite,         &dw_cause_crash,          &dw_cause_fault_drop,
        &dw_cause_fault_duplicate, &dw_cause_fault_corrupt,  &dw_cause_fault_delay,
        &dw_cause_fault_hold,      &dw_cause_no_transport,   &dw_cause_raw,
        &dw_cause_no_network,      &dw_cause_cannot_rewrite, &dw_cause_random_loss,
        &dw_cause_link_down,       &dw_cause_random_corrupt, &dw_cause_random_duplicate,
        &dw_cause_too_big,         &dw_cause_planned_loss,   &dw_cause_planned_copy,
        &dw_cause_planned_damage,  &dw_cause_planned_wait,   &dw_cause_planned_old,
        &dw_cause_host_down,       &dw_cause_stack,          &dw_cause_stack_says,
        &dw_cause_stack_shows};
    return index < sizeof all / sizeof all[0] ? all[index] : NULL;
}

bool dw_cause_is(const dw_cause *cause, const dw_cause *which)
{
    return cause == which || (cause && strcmp(cause->name, which->name) == 0);
}
