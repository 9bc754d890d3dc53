/* The kinds of objects that a script holds, one file each: their openers, and what one lends to
 * another.
 *
 *   module.c       luaopen_drywire: puts it all together
 *   lua_sim.c      simulations          lua_run.c      running them
 *   lua_host.c     hosts                lua_link.c     links
 *   lua_stack.c    their foreign stacks
 *   lua_conn.c     connections          lua_connect.c  opening them, listeners
 *   lua_fault.c    faults and rules     lua_match.c    filters, packets
 *   lua_explore.c  dw.explore           lua_fault_plan.c  plans of faults
 *   lua_swarm.c    runs of dw.swarm     verdict.c      a run of a script's function, judged
 *   history.c      what a script that is explored was told
 *   lua_inject.c   packets that no host sent
 *   lua_trace.c    traces               lua_expect.c   expectations
 *   lua_series.c   what a trace has as series of values
 *   lua_congestion.c  congestion controls of a script
 *   lua_drill.c    packetdrill scripts  lua_notation.c their way to write packets
 *   lua_deal.c     work for several processes    lua_record.c   records of it
 *   leftovers.c    what it leaves besides its results
 *   explore_deal.c the runs of dw.explore, in several processes
 *   explore_record.c  records of them   explore_graph.c  the states that they came to
 *   object.c       objects: found, checked, made once each
 *   program.c      programs             coroutine.c    coroutines that let blocking calls through
 *   cases.c        the cases of dw.test
 *   base/          errors, options, types, the end of a script: no kind of object is known there
 *   stdlib/        the standard library without what differs from run to run */
#ifndef DWL_KINDS_H
#define DWL_KINDS_H

#include "base/records.h"

/* lua_host.c: the options of sim:host, from the table at this index. */
/* How an error about an option of TCP goes on where the name is one of a socket's; "" otherwise. */
const char *dwl_tcp_option_hint(lua_State *L, const char *name);
/* An MSS below mss_least is an error: the peer's segments would be larger. */
void dwl_check_mss(lua_State *L, dw_node *node);
void dwl_configure_host(lua_State *L, dwl_sim *s, dw_node *node, int options);
/* As dwl_check_names, of a table that may have tcp = { ... }: what was meant for that is told so.
 */
void dwl_check_host_names(lua_State *L, int table, const char *what, const char *const *names);
bool dwl_is_tcp_option(const char *name);
/* lua_stack.c: the foreign stack that the command line or the table at `options` (0: there is none)
 * names for a host, before it gets any option. */
void dwl_give_stack(lua_State *L, dwl_sim *s, dw_node *node, int options, bool fresh);
/* Whether the host goes without an option, for it is the command line that has given it a stack;
 * with a note. */
bool dwl_stack_leaves_out(lua_State *L, const dwl_sim *s, dw_node *node, const char *name);
/* lua_connect.c: methods of hosts. */
int dwl_host_connect(lua_State *L);
int dwl_host_listen(lua_State *L);
/* lua_run.c: methods of simulations. */
extern const luaL_Reg dwl_run_methods[];
/* lua_fault.c: methods that links and hosts share. */
extern const luaL_Reg dwl_fault_methods[];
/* lua_inject.c: link:inject. */
int dwl_link_inject(lua_State *L);
/* lua_explore.c: dw.explore. */
int dwl_explore(lua_State *L);
/* The same, without a plan that passes: the plans that there are, for differ.lua. */
int dwl_explore_plans(lua_State *L);
/* lua_differ.c: dw.explore where it has `against`; and for differ.lua. */
int dwl_differ(lua_State *L);
int dwl_differ_run(lua_State *L);
int dwl_differ_tell(lua_State *L);
int dwl_on_differ(lua_State *L);
/* lua_swarm.c: for dw.swarm, which is written in Lua. */
int dwl_swarm_run(lua_State *L);
int dwl_swarm_chance(lua_State *L);
int dwl_swarm_draw(lua_State *L);
int dwl_swarm_tell(lua_State *L);
int dwl_swarm_late(lua_State *L);
int dwl_swarm_refused(lua_State *L);
int dwl_swarm_kinds(lua_State *L);
int dwl_swarm_load(lua_State *L);
/* lua_fault_plan.c: what kinds of faults are called in options of dw.explore, dw.swarm. */
extern const char *const dwl_fault_kinds[DW_FAULT_KINDS];
/* dw.faults.  The planned faults of a new simulation; and, in a run that was
 * ended because it is like another from there on, an error that ends the script's function. */
int dwl_faults(lua_State *L);
int dwl_seed(lua_State *L); /* dw.seed */
void dwl_plan_faults(lua_State *L, dwl_sim *s);
/* Which of the faults of --faults or dw.faults have struck in a simulation, a bit each; NULL: none.
 */
uint64_t dwl_struck_faults(const dwl_state *state, const dw_sim *sim);
void dwl_check_explored(lua_State *L, const dwl_sim *s);
/* drops.c: the rules of --drop on a link. */
void dwl_drop_numbered(dwl_sim *s, dw_link *link);
/* Whether a rule is one of them; if so, note whether it has lost its packet. */
bool dwl_note_drop(dwl_state *s, const dw_rule *rule);
/* lua_fault.c: rules that never fired, as notes. */
void dwl_note_unused_rules(dwl_sim *s, void (*note)(const char *text, void *arg), void *arg);
/* causes.c: whether anything in the simulation may give a cause of this name; if not, *near is the
 * name that is meant, or NULL. */
bool dwl_cause_known(const dwl_sim *s, const char *name, const char **near);
/* lua_link.c: sim:link, and the names of its options; to_* is any that begins so. */
extern const char *const dwl_link_options[];
int dwl_sim_link(lua_State *L);
/* lua_drill.c: dw.drill. */
int dwl_drill(lua_State *L);
/* lua_congestion.c: dw.congestion_control, and what it defined, for a new simulation. */
int dwl_congestion_control(lua_State *L);
void dwl_open_congestion(lua_State *L);
/* Raise an error about a name that is none of a congestion control, which the simulation has. */
void dwl_no_such_congestion(lua_State *L, const dwl_sim *s, const char *where, const char *name);
void dwl_add_congestion_controls(lua_State *L, dwl_sim *s);
/* lua_deal.c, lua_record.c: for what of the library is written in Lua. */
int dwl_deal(lua_State *L);
int dwl_in_piece(lua_State *L);
int dwl_jobs(lua_State *L);
int dwl_counting(lua_State *L);
int dwl_piece_seed(lua_State *L);
int dwl_record_open(lua_State *L);
int dwl_record_read(lua_State *L);
int dwl_record_keep(lua_State *L);
int dwl_record_add(lua_State *L);
int dwl_record_close(lua_State *L);
int dwl_work_identity(lua_State *L);
/* lua_series.c: the method of traces. */
int dwl_trace_series(lua_State *L);
/* Make the table on top a series, for dw.plot: one that has a value until the next one. */
int dwl_series(lua_State *L);
/* Each pushes { { time, value }, ... }, times in seconds.  A connection's variable, as trace:series
 * has it: values in octets, or in seconds for those that are times. */
void dwl_push_series(lua_State *L, const dw_trace *trace, uint32_t conn, const char *name);
/* The octets of data a second that reach a connection's host, in intervals of this length; 0: a
 * 120th of the time until the last packet, as on the page. */
void dwl_push_throughput(lua_State *L, const dw_trace *trace, uint32_t conn, dw_time every);
/* The packets in front of each one that entered a link's queue; empty: none had to wait. */
void dwl_push_queue(lua_State *L, const dw_trace *trace, uint32_t link, int direction);
bool dwl_series_is_time(const char *name);
/* Whether a series that a trace does not tell is 0 all the time: changes alone are traced. */
bool dwl_series_begins_at_zero(const char *name);
/* The variables that a trace has of a connection, in order of appearance, at most max; names ends
 * with NULL and has room for one more. */
size_t dwl_series_names(const dw_trace *trace, uint32_t conn, const char **names, size_t max);
/* "a, b and c", as many as there is room for. */
void dwl_list_names(const char *const *names, char *out, size_t size);
/* lua_trace.c */
uint64_t dwl_trace_mix(const dw_trace *trace); /* NULL: 0 */

/* Each registers its types; what becomes a field of the module goes into the table on top. */
void dwl_open_sim(lua_State *L);
void dwl_open_host(lua_State *L);
void dwl_open_link(lua_State *L);
void dwl_open_match(lua_State *L);
void dwl_open_fault(lua_State *L);
void dwl_open_conn(lua_State *L);
void dwl_open_listener(lua_State *L);
void dwl_open_trace(lua_State *L);
void dwl_open_expect(lua_State *L);
/* module.c */
int luaopen_drywire(lua_State *L);

#endif
