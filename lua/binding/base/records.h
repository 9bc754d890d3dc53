/* What the binding keeps about each thing that a script holds. */
#ifndef DWL_RECORDS_H
#define DWL_RECORDS_H

#include "state.h"

#define DWL_SIM "drywire.Sim"
#define DWL_HOST "drywire.Host"
#define DWL_LINK "drywire.Link"
#define DWL_RULE "drywire.Rule"
#define DWL_CONN "drywire.Connection"
#define DWL_LISTENER "drywire.Listener"
#define DWL_TRACE "drywire.Trace"
#define DWL_VALUE "drywire.Value"
#define DWL_RANDOM "drywire.Random"

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
    uint8_t
        numbers;    /* enum dw_ladder_numbers: how pictures write them where nothing else is said */
    bool mss_given; /* for every host: dw.sim { tcp = { mss = ... } } */
    int error_ref;  /* what a program raised, in the registry; LUA_NOREF: none */
    int invariants; /* how many, see sim:invariant */
    uint64_t steps_left;    /* of sim:step; 0: it is not stepping */
    int pause_ref;          /* the function of sim:until_, in the registry; 0: none */
    bool collected;         /* nobody can reach it any more */
    bool chooses;           /* its plan may have faults of hosts: choices.h */
    bool scheduled;         /* since its last run it was given what only a run does */
    uint32_t number;        /* from 1, in order of creation */
    char made[160];         /* "script.lua:2: ", the line that made it */
    int kept_ref;           /* of a simulation with a name, in the registry; LUA_NOREF: none */
    char last_failure[200]; /* the last network call that returned nil */
    char where[160];        /* script line that made it */
};
/* It was given something that only a run does.  What comes during one is done. */
static inline void dwl_wants_run(dwl_sim *s)
{
    if (!s->busy) s->scheduled = true;
}

/* What a report shows of it: also when the script has closed it.  NULL: nothing is left. */
static inline dw_sim *dwl_shown(const dwl_sim *s)
{
    return s->sim ? s->sim : s->retired;
}

/* Objects that point into a simulation: user value 1 is the sim's userdata. */
typedef struct dwl_object {
    dwl_sim *sim;
    void *pointer;
    uint64_t number; /* creation number */
} dwl_object;

struct dwl_program {
    dwl_program *next, *previous;
    dwl_sim *sim;
    dw_node *node;
    lua_State *co;
    int ref;         /* of co, in the registry */
    uint64_t number; /* of the simulation's programs; the memory is used again, this is not */
    enum { DWL_RUNNABLE, DWL_WAITING, DWL_DONE } status;
    bool abandoned;              /* its <close> variables do not run when it ends */
    bool doomed;                 /* its host has crashed under it: it ends where it waits next */
    bool woken;                  /* the timer is not its deadline */
    bool timed_out;              /* the deadline woke it */
    bool for_ever;               /* it may wait for ever: in accept, or in a sleep without end */
    const struct dw_fault *late; /* it waits for ... */
    uint32_t late_for;           /* ... so many moments of its host, or NULL: choices.h */
    dw_timer timer;              /* its deadline, and its start */
    const char *waits_in;        /* "conn:recv" */
    char where[160];             /* the script line that waits */
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

/* A Lua function that the simulation calls; it lives as long as the simulation. */
typedef struct dwl_hook dwl_hook;
struct dwl_hook {
    dwl_sim *sim;
    int ref;
    char where[160]; /* "script.lua:7: ", the line that gave the function */
};

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
    dwl_hook *on_report; /* conn:on_report, or NULL */
    char where[160];
};

#endif
