/* What the files of the Lua binding share.
 *
 *   module.c     luaopen_drywire: puts it all together
 *   shim.c       the standard library without its nondeterminism
 *   files.c      io, require and the like: the files beside the script
 *   introspection.c  debug, of the script's own functions
 *   sort.c       pairs, next and table.sort in a defined order
 *   portable_math.c  exp, log, sin ... with the same bits everywhere
 *   cases.c      the cases of dw.test
 *   coroutine.c  coroutine.resume and wrap that let blocking calls through, and close
 *   program.c    programs: coroutines on a host that wait for simulated time
 *   ending.c     a script that must end, whatever it does
 *   guard.c      memory cap, tracebacks, strict globals
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
#include <limits.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>

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

/* Why a script has to end before its last line. */
enum dwl_ending {
    DWL_GOES_ON,
    DWL_ENDS_BY_WATCHDOG, /* it does not get on */
    DWL_ENDS_BY_SIGNAL,   /* somebody wants the process to end */
    DWL_ENDS_BY_EXIT,     /* os.exit */
    DWL_ENDS_BY_MEMORY    /* --memory */
};

/* A case of dw.test. */
typedef struct dwl_case {
    char *name, *problem; /* problem: NULL where it passed, or was not run to its end */
    bool passed;
    int64_t took_ns; /* of real time, since the case before */
} dwl_case;

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
    bool pinned;          /* a coroutine of its cannot yield, so it cannot wait */
    unsigned wakes;       /* how deep programs wake others, outside a run */
    uint64_t next_object; /* creation numbers, for ordering and for printing */
    int expectations;     /* how many were checked */
    int error_meaning;    /* of the last error that had one, see dwl_set_meaning */
    dwl_sim *touched;     /* the last one that a method of an object was called on; or NULL */
    /* cases.c: what dw.test and dw.covers were told, for drywire test. */
    int64_t (*real_time)(void); /* ns; NULL: nobody wants to know */
    int64_t case_ended;         /* when the last one did, or the script began */
    dwl_case *cases;
    size_t case_count;
    char *covers;       /* each with a space behind it; NULL: none */
    bool out_of_memory; /* the script's outcome is worth nothing */
    bool shows_last; /* the command reports on the last simulation after the script has ended ... */
    bool shows_named;    /* ... and draws those with names, even if the script has closed them */
    uint64_t closed_mix; /* sum over the digests of simulations that were closed */
    uint32_t sims_made;
    uint32_t forgotten;       /* the first simulation that was to do something, but never ran; 0 */
    char forgotten_at[160];   /* the line that made it */
    char directory[PATH_MAX]; /* of the script, with its '/'; "": the current one */
    /* Called with each simulation that is about to be closed; or NULL. */
    void (*closing)(const dwl_sim *s, void *arg);
    void *closing_arg;
    /* ending.c; signal handlers read and write these. */
    lua_State *volatile thread;      /* the coroutine that is running */
    dw_sim *volatile run;            /* the simulation that is running, or NULL */
    volatile sig_atomic_t ending;    /* enum dwl_ending */
    volatile sig_atomic_t signal;    /* of DWL_ENDS_BY_SIGNAL */
    volatile uint64_t events;        /* of all the runs that are over */
    volatile uint64_t events_before; /* of the one that is not: where it began */
    volatile sig_atomic_t at_work;   /* in C of ours that ends by itself, however long it takes */
    volatile unsigned works, asked;  /* how often that began; how often it called the script */
    int asking;                      /* how deep it is calling the script */
    volatile sig_atomic_t in_malloc; /* the allocator of the C library must not be left */
    char ending_at[160];             /* "script.lua:7: ", once it has been told; or "" */
    int exit_code;                   /* of DWL_ENDS_BY_EXIT */
    char headline[200];              /* what the script's first line says it shows, or "" */
    unsigned watchdog_ms;
    /* guard.c */
    lua_Alloc plain_alloc;
    void *plain_alloc_ud;
    size_t memory_used, memory_limit;
    dw_account account; /* of the simulations' memory, which counts as the script's */
    volatile sig_atomic_t memory_over; /* past the limit, unless a collection helps */
    unsigned memory_refused;           /* times in a row */
    bool memory_denied;                /* at any time */
} dwl_state;

dwl_state *dwl_state_of(lua_State *L);
/* In the zone anything that would let the outside in is an error. */
static inline bool dwl_in_zone(const dwl_state *s)
{
    return s->command || s->running > 0;
}

/* lua_sim.c */
struct dwl_sim {
    dw_sim *sim;     /* NULL once closed */
    dw_sim *retired; /* closed by the script, and kept to be shown; then sim is NULL */
    dwl_state *state;
    dwl_sim *next;
    dwl_program *programs; /* in order of creation */
    dwl_program *last_program;
    dwl_program *spare;     /* finished ones, to be used again */
    dwl_program *ending;    /* whose <close> variables run, or will next */
    uint64_t program_count; /* how many there have been */
    dwl_conn *conns;
    bool closed, ran, failed;
    bool limit_told; /* that it is over */
    int busy;      /* it must neither run nor be closed: it runs, is being closed, or asked about */
    int queries;   /* how deep its trace is being asked about */
    char name[80]; /* a heading for its ladder, or "" */
    int error_ref; /* what a program raised, in the registry; LUA_NOREF: none */
    int invariants;         /* how many, see sim:invariant */
    uint64_t steps_left;    /* of sim:step; 0: it is not stepping */
    int pause_ref;          /* the function of sim:until_, in the registry; 0: none */
    bool collected;         /* nobody can reach it any more */
    bool scheduled;         /* something was given to it that only a run does */
    uint32_t number;        /* from 1, in order of creation */
    char made[160];         /* "script.lua:2: ", the line that made it */
    int kept_ref;           /* of a simulation with a name, in the registry; LUA_NOREF: none */
    char last_failure[200]; /* the last network call that returned nil */
    char where[160];        /* script line that made it */
};
/* What a report shows of it: also when the script has closed it.  NULL: nothing is left. */
static inline dw_sim *dwl_shown(const dwl_sim *s)
{
    return s->sim ? s->sim : s->retired;
}
dwl_sim *dwl_check_sim(lua_State *L, int index);
/* The sim of a host, link, ... at index, alive or an error; leaves the stack as it was. */
dwl_sim *dwl_sim_of(lua_State *L, int index);
/* Push the table in the sim's user value; index is the stack index of its userdata. */
void dwl_push_cache(lua_State *L, int sim_index);
/* Push the userdata of a simulation that is alive. */
void dwl_push_sim(lua_State *L, const dwl_sim *s);
/* The same; false, and nothing pushed, of one that is about to be collected. */
bool dwl_find_sim(lua_State *L, const dwl_sim *s);
/* What a script may use: neither closed nor about to be collected, and this is no finalizer.
 * Otherwise an error about `what`. */
dwl_sim *dwl_alive(lua_State *L, dwl_sim *s, const char *what);
void dwl_close_sim(lua_State *L, dwl_sim *s);
/* Close those that are still open at the end, as if they had been collected (whether one was
 * differs): no <close> variable of a program runs. */
void dwl_close_all(lua_State *L, dwl_state *state);
/* The line of the first simulation with something to do that never ran, nor was closed by the
 * script; NULL: there is none. */
const char *dwl_forgotten_sim(dwl_state *state);
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
    int ref;         /* of co, in the registry */
    uint64_t number; /* of the simulation's programs; the memory is used again, this is not */
    enum { DWL_RUNNABLE, DWL_WAITING, DWL_DONE } status;
    bool doomed;          /* its host has crashed under it: it ends where it waits next */
    bool woken;           /* the timer is not its deadline */
    bool timed_out;       /* the deadline woke it */
    bool for_ever;        /* it may wait for ever: in accept, or in a sleep without end */
    dw_timer timer;       /* its deadline, and its start */
    const char *waits_in; /* "conn:recv" */
    char where[160];      /* the script line that waits */
};
/* A program that waits for something, as long as it is there. */
typedef struct dwl_waiter {
    dwl_program *program;
    uint64_t number;
} dwl_waiter;
/* Who waits; NULL: nobody, or nobody any more. */
static inline dwl_program *dwl_waiting(const dwl_waiter *w)
{
    return w->program && w->program->number == w->number ? w->program : NULL;
}
/* Start f (on top of the stack, below it nargs arguments) as a program of a host. */
void dwl_spawn(lua_State *L, dwl_sim *s, dw_node *node, int nargs);
/* The program that may block here, in something of this simulation, or an error that says why
 * not. */
dwl_program *dwl_blocking(lua_State *L, dwl_sim *s, const char *call);
/* Yield until somebody wakes the program or the deadline passes; then k runs. */
int dwl_wait(lua_State *L, dwl_program *p, const char *call, dw_time deadline, lua_KContext ctx,
             lua_KFunction k);
/* It goes on at once, or when the present event is over if this is the middle of one. */
void dwl_wake(dwl_program *p);
void dwl_programs_close(lua_State *L, dwl_sim *s);
/* After a run: programs that still wait are an error.  Raises it. */
void dwl_check_waiting(lua_State *L, dwl_sim *s);
/* The sim's programs on a node up to this number end where they are (its host crashed). */
void dwl_programs_kill(lua_State *L, dwl_sim *s, dw_node *node, uint64_t last);
/* Call the function on the stack (with nargs arguments, nresults results) from an event; an error
 * stops the simulation.  False after an error. */
bool dwl_call(lua_State *L, dwl_sim *s, int nargs, int nresults, const char *in);
/* Stops the simulation from an event; the text is the error that sim:run raises. */
void dwl_stop(lua_State *L, dwl_sim *s, const char *text);
/* Around what asks predicates of the script about a trace: meanwhile the simulation neither runs
 * nor is closed.  dwl_query_end raises what a predicate raised. */
void dwl_query_begin(dwl_sim *s);
void dwl_query_end(lua_State *L, dwl_sim *s);

/* coroutine.c: what a blocking call yields.  It stays on top of the stack of each coroutine that
 * waits, the program's own and those it has resumed, until drywire goes on with them. */
extern const char dwl_block_tag;
bool dwl_waits(lua_State *co);

/* lua_conn.c */
struct dwl_conn {
    dwl_sim *sim;
    dw_socket *socket; /* NULL once closed */
    dwl_conn *next, *previous;
    dw_node *node;
    uint32_t conn;
    dwl_waiter reader, writer;
    bool connecting, listener;
    int error; /* DW_E_*: how the script ended it, for a program that waited on it */
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
void dwl_conn_claim(lua_State *L, dwl_waiter *slot, dwl_program *p, const char *call);
/* Push nil and the error's words, and remember them for a later error. */
int dwl_conn_failure(lua_State *L, dwl_sim *s, const char *call, const char *target, int error);
/* The time that is so much later than now, for something that happens then: an error when time ends
 * before, but for what is to be never. */
dw_time dwl_moment_after(lua_State *L, dwl_sim *s, int index, const char *what);
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

/* module.c: push a text as dw_escape writes it. */
void dwl_push_escaped(lua_State *L, enum dw_syntax syntax, const char *text, size_t len);
/* The same for what is written in Lua: escape("xml", text). */
int dwl_escape(lua_State *L);

/* options.c: reading tables.  Every error names the option and starts with the script's line. */
/* Raise an error at the script line that called into drywire. */
int dwl_error(lua_State *L, const char *format, ...);
/* The same as an assertion failure (exit code 1). */
int dwl_fail_expectation(lua_State *L, const char *format, ...);
/* The error for lack of memory: exit code 3, whoever catches it. */
int dwl_no_memory(lua_State *L);
/* The same, or as dwl_error, by what it means for the exit code of a script that it ends:
 * DW_E_MISMATCH (1), DW_E_LIMIT (3), DW_E_ABI (4), DW_E_INTERRUPT (130), DW_OK (nothing more). */
int dwl_fail(lua_State *L, int meaning, const char *format, ...);
/* What a call of the core answered, as an error: "what: dw_sim_message". */
int dwl_refused(lua_State *L, dwl_sim *s, int status, const char *what);
/* Give the value on top such a meaning, until another one gets one; that of the one at index. */
void dwl_set_meaning(lua_State *L, int meaning);
int dwl_meaning(lua_State *L, int index);
/* Push "file:line: " of the script's line, or "". */
void dwl_where(lua_State *L);
/* The table at index has no keys but these (NULL-terminated; a name ending in * is a prefix). */
void dwl_check_names(lua_State *L, int index, const char *what, const char *const *names);
/* The same where a string may come first: { "F. 1:1(0)", from = client }. */
void dwl_check_names_after(lua_State *L, int index, const char *what, const char *const *names);
/* Push the option of the table at index, or nil, without asking a metatable; its type. */
int dwl_get_option(lua_State *L, int index, const char *name);
/* The text, number or boolean on top of the stack becomes the text that options in C are set from.
 */
const char *dwl_option_text(lua_State *L, const char *what, const char *name);
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

/* ending.c */
/* From now on the script ends: wherever Lua runs, an error is raised at each call and return and
 * every 1000 instructions, so no pcall holds it up; a run ends after its event.  The first reason
 * stays.  Also from a signal handler. */
void dwl_end(dwl_state *s, enum dwl_ending why);
/* Let the hook ask, in whatever runs, whether the script has to end. */
void dwl_ask_thread(dwl_state *s);
/* Before and after Lua runs in another coroutine than the present one: returns that, and lets the
 * end of the script reach the new one. */
lua_State *dwl_switch(dwl_state *s, lua_State *thread);
/* lua_resetthread, whose <close> variables may run anything. */
int dwl_reset_thread(dwl_state *s, lua_State *co);
/* Why the script ends, as a sentence. */
void dwl_ending_text(const dwl_state *s, char *out, size_t size);
void dwl_memory_text(const dwl_state *s, char *out, size_t size);
/* That sentence as an error at the script's line. */
int dwl_raise_ending(lua_State *L);
/* The exit code for it. */
int dwl_ending_code(const dwl_state *s);
/* Around C of ours that may take long and ends by itself: it is not left in the middle, and the
 * watchdog has more patience with one call of it (signals.c), though none with a loop of calls. */
void dwl_work(dwl_state *s, bool begins);
static inline void dwl_at_work(lua_State *L, bool begins)
{
    dwl_work(dwl_state_of(L), begins);
}
/* Around a call of the script from it, which may never return.  What the first returns is for the
 * second. */
int dwl_work_pauses(dwl_state *s);
void dwl_work_goes_on(dwl_state *s, int kept);
/* os.exit: replaces the stock function, which is in its first upvalue. */
int dwl_exit(lua_State *L);

/* guard.c */
void dwl_guard_memory(lua_State *L, size_t limit);
void dwl_unguard_memory(lua_State *L);
/* Memory that is not Lua's. */
void dwl_count_memory(void *state, int64_t octets);
/* Whether the script is past its limit even without its garbage; it ends then. */
bool dwl_check_memory(lua_State *L);
void dwl_strict_globals(lua_State *L);
/* A traceback of co without drywire's own frames, pushed on L. */
void dwl_traceback(lua_State *L, lua_State *co, int level);
int dwl_message_handler(lua_State *L);

/* cases.c: the number of a case with this name, or nothing where nobody wants to know; number, ok,
 * problem: how it ended; a requirement that is covered. */
int dwl_case_begins(lua_State *L);
int dwl_case_ends(lua_State *L);
int dwl_cover(lua_State *L);
void dwl_cases_free(dwl_state *s);

/* shim.c: replacing functions of the standard library. */
typedef struct dwl_replacement {
    const char *table, *name;
    lua_CFunction function; /* NULL: it is an error in the zone, that says what to do instead */
    const char *instead;
} dwl_replacement;
/* The rows end with one whose name is NULL; what this Lua does not have is left out. */
void dwl_replace(lua_State *L, const dwl_replacement *rows);
/* In a function that replaces another one: run that, in the same frame, so that its errors name
 * the call and its line. */
int dwl_call_stock(lua_State *L);
int dwl_refuse(lua_State *L, const char *what, const char *instead);
/* Push any value as text without an address; the text lives as long as it is on the stack. */
const char *dwl_text(lua_State *L, int index);
/* Raise an error if the table at index has fields that make garbage collection visible. */
void dwl_check_metatable(lua_State *L, int index);
void dwl_seed_random(lua_State *L, uint64_t seed);

/* files.c */
/* Tell where the script lies; "" or a name alone: in the current directory.  From now on modules
 * come from there, and nothing in Lua shows where it is. */
void dwl_set_script(lua_State *L, const char *script);
/* Push the path of a file that a script names, relative to the script's directory. */
const char *dwl_beside(lua_State *L, const char *name);
/* Push a text with the path as the script named it. */
const char *dwl_as_named(lua_State *L, const char *text, const char *path, const char *name);
/* A script's text as a function on the stack; LUA_OK, or as luaL_load.  A byte order mark and a
 * first line with # are skipped; bytecode is refused. */
int dwl_load_text(lua_State *L, const char *text, size_t len, const char *name);

/* Openers: each registers its types. */
void dwl_open_files(lua_State *L);
void dwl_open_introspection(lua_State *L);
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
