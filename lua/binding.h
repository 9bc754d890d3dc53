/* What the files of the Lua binding share.
 *
 *   module.c     luaopen_drywire: puts it all together
 *   shim.c       the standard library without its nondeterminism
 *   sort.c       pairs, next and table.sort in a defined order
 *   portable_math.c  exp, log, sin ... with the same bits everywhere
 *   coroutine.c  coroutine.resume and wrap that let blocking calls through
 *   program.c    programs: coroutines on a host that wait for simulated time
 *   guard.c      watchdog, memory cap, tracebacks, strict globals
 *   options.c    option tables: units, unknown names, the nearest right one
 *   lua_sim.c    simulations         lua_host.c   hosts
 *   lua_link.c   links               lua_fault.c  faults and rules
 *   lua_match.c  filters, packets    lua_conn.c   connections
 *   lua_connect.c  opening connections
 *   lua_trace.c  traces              lua_expect.c expectations
 *   lua_drill.c  packetdrill scripts (drill/)
 *   lua_notation.c  their way to write packets
 *   drywire/      what is written in Lua, embedded in the module
 *   main.c, cmd_*.c  the drywire command */
#ifndef DWL_BINDING_H
#define DWL_BINDING_H

#include <drywire/drywire.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#define DWL_SIM "drywire.Sim"
#define DWL_HOST "drywire.Host"
#define DWL_LINK "drywire.Link"
#define DWL_RULE "drywire.Rule"
#define DWL_CONN "drywire.Connection"
#define DWL_LISTENER "drywire.Listener"
#define DWL_TRACE "drywire.Trace"
#define DWL_RANDOM "drywire.Random"
#define DWL_ERROR "drywire.Error"

typedef struct dwl_sim dwl_sim;
typedef struct dwl_conn dwl_conn;
typedef struct dwl_program dwl_program;

/* What the command says to the binding; one for each Lua state, zeroed in a stock lua5.4. */
typedef struct dwl_state {
    lua_State *main;
    bool command; /* the drywire command: the whole script is the deterministic zone */
    bool seed_given;
    uint64_t seed;
    const char *const *params; /* "name=value" */
    size_t param_count;
    const char *profile; /* --profile */
    const char *const *plugins;
    size_t plugin_count;
    dw_time until;               /* --until; 0: none */
    bool detail;                 /* --detail */
    uint64_t drop[DW_MATCH_NTH]; /* --drop: packets lost on every link */
    uint32_t drop_count;
    int running;   /* depth of sim:run */
    dw_time goal;  /* until when it runs */
    dwl_sim *sims; /* in order of creation */
    dwl_sim *last_sim;
    dwl_program *current; /* the program that is running, or NULL */
    lua_State *thread;    /* the coroutine that is running, for the watchdog */
    uint64_t next_object; /* creation numbers, for ordering and for printing */
    int expectations;     /* how many were checked */
    bool out_of_memory;   /* the script's outcome is worth nothing */
    uint64_t closed_mix;  /* sum over the digests of simulations that were closed */
    /* guard.c */
    lua_Alloc plain_alloc;
    void *plain_alloc_ud;
    size_t memory_used, memory_limit;
    bool memory_warned;
} dwl_state;

dwl_state *dwl_state_of(lua_State *L);
/* In the zone anything that would let the outside in is an error. */
static inline bool dwl_in_zone(const dwl_state *s)
{
    return s->command || s->running > 0;
}

/* lua_sim.c */
struct dwl_sim {
    dw_sim *sim; /* NULL once closed */
    dwl_state *state;
    dwl_sim *next;
    dwl_program *programs; /* in order of creation */
    dwl_program *last_program;
    dwl_program *spare; /* finished ones, to be used again */
    dwl_conn *conns;
    bool closed, ran, failed;
    char name[80];          /* a heading for its ladder, or "" */
    int error_ref;          /* what a program raised, in the registry; LUA_NOREF: none */
    int invariants;         /* how many, see sim:invariant */
    uint64_t steps_left;    /* of sim:step; 0: it is not stepping */
    int pause_ref;          /* the function of sim:until_, in the registry; 0: none */
    char last_failure[200]; /* the last network call that returned nil */
    char where[160];        /* script line that made it */
};
dwl_sim *dwl_check_sim(lua_State *L, int index);
/* The sim of a host, link, ... at index, alive or an error; leaves the stack as it was. */
dwl_sim *dwl_sim_of(lua_State *L, int index);
/* Push the table in the sim's user value; index is the stack index of its userdata. */
void dwl_push_cache(lua_State *L, int sim_index);
void dwl_push_sim(lua_State *L, dwl_sim *s);
void dwl_close_sim(lua_State *L, dwl_sim *s);
/* A number from a simulation's digest; sums of these compare whole scripts. */
uint64_t dwl_digest_mix(const dwl_sim *s);
/* { { time, value }, ... } of a connection's variable, as trace:series has it: times in seconds,
 * values in octets, or in seconds for those that are times. */
void dwl_push_series(lua_State *L, const dw_trace *trace, uint32_t conn, const char *name);
bool dwl_series_is_time(const char *name);
uint64_t dwl_trace_mix(const dw_trace *trace); /* NULL: 0 */

/* Objects that point into a simulation: user value 1 is the sim's userdata. */
typedef struct dwl_object {
    dwl_sim *sim;
    void *pointer;
    uint64_t number; /* creation number */
} dwl_object;
/* The object for a pointer, made if it was not; sim_index is the sim's userdata. */
void dwl_push_object(lua_State *L, int sim_index, const char *type, void *pointer);
void *dwl_check_object(lua_State *L, int index, const char *type);

/* lua_host.c: the options of sim:host, from the table at this index. */
void dwl_configure_host(lua_State *L, dwl_sim *s, dw_node *node, int options);
/* A host by object or name; sim for finding names. */
dw_node *dwl_check_host(lua_State *L, int index, dwl_sim *s, const char *what);
void dwl_push_host(lua_State *L, dwl_sim *s, dw_node *node);

/* program.c */
struct dwl_program {
    dwl_program *next, *previous;
    dwl_sim *sim;
    dw_node *node;
    lua_State *co;
    int ref; /* of co, in the registry */
    enum { DWL_RUNNABLE, DWL_WAITING, DWL_DONE } status;
    bool timed_out;       /* the deadline woke it */
    bool accepting;       /* waits in accept: may do so for ever */
    dw_timer timer;       /* its deadline, and its start */
    const char *waits_in; /* "conn:recv" */
    char where[160];      /* the script line that waits */
};
/* Start f (on top of the stack, below it nargs arguments) as a program of a host. */
void dwl_spawn(lua_State *L, dwl_sim *s, dw_node *node, int nargs);
/* The program that may block here, or an error that says why not. */
dwl_program *dwl_blocking(lua_State *L, const char *call);
/* Yield until somebody wakes the program or the deadline passes; then k runs. */
int dwl_wait(lua_State *L, dwl_program *p, const char *call, dw_time deadline, lua_KContext ctx,
             lua_KFunction k);
void dwl_wake(dwl_program *p);
void dwl_programs_close(lua_State *L, dwl_sim *s);
/* After a run: programs that still wait are an error.  Raises it. */
void dwl_check_waiting(lua_State *L, dwl_sim *s);
/* The sim's programs on a node end where they are (its host crashed). */
void dwl_programs_kill(lua_State *L, dwl_sim *s, dw_node *node);
/* Call the function on the stack (with nargs arguments, nresults results) from an event; an error
 * stops the simulation.  False after an error. */
bool dwl_call(lua_State *L, dwl_sim *s, int nargs, int nresults, const char *in);
extern const char dwl_block_tag;

/* lua_conn.c */
struct dwl_conn {
    dwl_sim *sim;
    dw_socket *socket; /* NULL once closed */
    dwl_conn *next, *previous;
    dw_node *node;
    uint32_t conn;
    dwl_program *reader, *writer;
    bool connecting, listener;
    int error;
    uint64_t number;
    struct dwl_hook *on_report; /* conn:on_report, or NULL */
    char where[160];
};
/* Push a new connection or listener of a node; it has no socket yet (dwl_conn_opened). */
dwl_conn *dwl_push_conn(lua_State *L, dwl_sim *s, dw_node *node, bool listener);
void dwl_conn_opened(dwl_conn *c, dw_socket *socket);
void dwl_conn_forget(dwl_conn *c);
/* The connection or listener at index 1, of a simulation that is still there. */
dwl_conn *dwl_check_conn(lua_State *L, const char *type, const char *name);
/* The one program that waits for something of a connection; a second one is an error. */
void dwl_conn_claim(lua_State *L, dwl_program **slot, dwl_program *p, const char *call);
/* Push nil and the error's words, and remember them for a later error. */
int dwl_conn_failure(lua_State *L, dwl_sim *s, const char *call, const char *target, int error);
/* A length of time from now on at index, or for ever. */
dw_time dwl_deadline_after(lua_State *L, dwl_sim *s, int index, const char *what);
/* Options of one connection in the table at this index: their names, with `own` besides, and
 * setting them. */
void dwl_check_connection_names(lua_State *L, int table, const char *what, const char *const *own);
void dwl_apply_settings(lua_State *L, int table, dw_socket *socket, const char *what);
size_t dwl_collect_settings(lua_State *L, int table, const dwl_sim *s, dw_setting *out, size_t most,
                            const char *what);

/* A block that is freed (dw_free) when the box that is pushed for it goes: for what a C function
 * holds while it calls something that may raise an error. */
void **dwl_push_box(lua_State *L);
/* A copy of the text at index, pushed as an object that holds it and is released likewise. */
dw_buf *dwl_push_octets(lua_State *L, int text);

/* lua_drill.c */
int dwl_drill(lua_State *L);

/* lua_connect.c */
int dwl_host_connect(lua_State *L);
int dwl_host_listen(lua_State *L);
int dwl_listener_accept(lua_State *L);

/* options.c: reading tables.  Every error names the option and starts with the script's line. */
/* Raise an error at the script line that called into drywire. */
int dwl_error(lua_State *L, const char *format, ...);
/* The same as an assertion failure (exit code 1). */
int dwl_fail_expectation(lua_State *L, const char *format, ...);
/* The error for lack of memory: exit code 3, whoever catches it. */
int dwl_no_memory(lua_State *L);
/* Push "file:line: " of the script's line, or "". */
void dwl_where(lua_State *L);
/* The table at index has no keys but these (NULL-terminated; a name ending in * is a prefix). */
void dwl_check_names(lua_State *L, int index, const char *what, const char *const *names);
/* The same where a string may come first: { "F. 1:1(0)", from = client }. */
void dwl_check_names_after(lua_State *L, int index, const char *what, const char *const *names);
bool dwl_opt_time(lua_State *L, int index, const char *what, const char *name, dw_time *out);
bool dwl_opt_rate(lua_State *L, int index, const char *what, const char *name, uint64_t *out);
bool dwl_opt_ratio(lua_State *L, int index, const char *what, const char *name, dw_ratio *out);
bool dwl_opt_integer(lua_State *L, int index, const char *what, const char *name, int64_t low,
                     int64_t high, int64_t *out);
bool dwl_opt_bool(lua_State *L, int index, const char *what, const char *name, bool *out);
const char *dwl_opt_string(lua_State *L, int index, const char *what, const char *name);
void dwl_each_option(lua_State *L, int index, const char *what,
                     void (*fn)(lua_State *L, void *ctx, const char *name, const char *text),
                     void *ctx);
/* The value at index as a time: "20ms" or seconds. */
dw_time dwl_check_time(lua_State *L, int index, const char *what);
dw_time dwl_to_time(lua_State *L, int index, const char *what, const char *name);
/* A value that is one number or a list of them: how many, and the i-th from 1 up, which must be
 * whole and from `lowest` to 4294967295.  `expected` says so in the error about option what.name.
 */
lua_Integer dwl_list_length(lua_State *L, int index);
uint32_t dwl_list_number(lua_State *L, int index, lua_Integer i, lua_Integer lowest,
                         const char *what, const char *name, const char *expected);
/* __index for a type: its methods, then an error with the nearest name. */
void dwl_new_type(lua_State *L, const char *type, const char *what, const luaL_Reg *methods,
                  const luaL_Reg *meta);
void dwl_add_methods(lua_State *L, const char *type, const luaL_Reg *methods);
/* A table in the registry that keeps nothing alive by its keys ("k") or its values ("v"). */
void dwl_new_weak_table(lua_State *L, const char *name, const char *mode);

/* lua_match.c */
#define DWL_MATCH_OPTIONS                                                                          \
    "from", "to", "flags", "nth", "count", "has_data", "len", "seq", "after", "before", "when",    \
        "packet", "port", "to_port", "conn"
/* The options "from" and "to" of the table at index. */
void dwl_read_hosts(lua_State *L, int index, const char *what, dwl_sim *s, dw_match *m);
/* A Lua function that the simulation calls; it lives as long as the simulation. */
typedef struct dwl_hook dwl_hook;
struct dwl_hook {
    dwl_sim *sim;
    int ref;
    char where[160]; /* "script.lua:7: ", the line that gave the function */
};
/* The function is on top of the stack, and popped. */
dwl_hook *dwl_new_hook(lua_State *L, dwl_sim *s);
void dwl_read_match(lua_State *L, int index, const char *what, dwl_sim *s, dw_match *m,
                    const char *const *extra);
void dwl_push_view(lua_State *L, dwl_sim *s, const dw_packet_view *v);
/* Call a hook from an event with a packet, as dwl_call does. */
bool dwl_call_with_view(lua_State *L, dwl_hook *h, const dw_packet_view *view, int results,
                        const char *in);
/* Memory that lives as long as the simulation. */
void *dwl_keep(lua_State *L, dwl_sim *s, size_t size);
/* lua_notation.c: a match that packets in packetdrill's notation meet, besides what it asks
 * already; and the fields of one to be injected.  Returns how many octets of data it has. */
void dwl_match_notation(lua_State *L, const char *what, const char *text, dwl_sim *s, dw_match *m);
uint32_t dwl_inject_notation(lua_State *L, const char *text, dwl_sim *s, dw_dissection *f,
                             uint8_t options[40]);
/* lua_congestion.c: dw.congestion_control, and what it defined, for a new simulation. */
int dwl_congestion_control(lua_State *L);
void dwl_add_congestion_controls(lua_State *L, dwl_sim *s);
/* lua_fault.c: methods that links and hosts share. */
extern const luaL_Reg dwl_fault_methods[];
int dwl_link_inject(lua_State *L);
/* lua_link.c */
int dwl_sim_link(lua_State *L);
/* Rules that never fired, as notes. */
void dwl_note_unused_rules(dwl_sim *s, void (*note)(const char *text, void *arg), void *arg);

/* guard.c */
void dwl_guard_memory(lua_State *L, size_t limit);
void dwl_unguard_memory(lua_State *L);
/* show, where given, is called every quarter of a second, from a signal handler. */
void dwl_watchdog_start(lua_State *L, unsigned milliseconds, void (*show)(const dwl_state *s));
void dwl_watchdog_progress(void);
void dwl_watchdog_stop(void);
void dwl_strict_globals(lua_State *L);
/* A traceback of co without drywire's own frames, pushed on L. */
void dwl_traceback(lua_State *L, lua_State *co, int level);
int dwl_message_handler(lua_State *L);

/* Openers: each registers its types. */
void dwl_open_shim(lua_State *L);
void dwl_open_sort(lua_State *L);
void dwl_open_coroutine(lua_State *L);
void dwl_open_sim(lua_State *L);
void dwl_open_host(lua_State *L);
void dwl_open_link(lua_State *L);
void dwl_open_match(lua_State *L);
void dwl_open_fault(lua_State *L);
void dwl_open_conn(lua_State *L);
void dwl_open_trace(lua_State *L);
void dwl_open_expect(lua_State *L);
int luaopen_drywire(lua_State *L);

/* Embedded Lua sources, made by the build. */
typedef struct dwl_source {
    const char *name;
    const char *text;
    size_t len;
} dwl_source;
extern const dwl_source dwl_sources[];

#endif
