/* A foreign stack at a host: what all files of this room share.
 *
 *   ends.c      states, from segments
 *   calls.c     the way into the stack, and what it did wrong
 *   conns.c     its connections, and their states
 *   output.c    what it sends
 *   life.c      its beginning and end
 *   turn.c      what is to be done after it was called
 *   options.c   its options
 *   object.c    the shared object that it comes from
 *   sockets.c   a program's calls
 *   receive.c   what arrives
 *   plugin.c    all of it as the host's TCP
 *   load.c      a host gets one */
#ifndef DW_FOREIGN_STACK_H
#define DW_FOREIGN_STACK_H

#include "drywire/drywire.h"
#include "drywire/plugin.h"
#include "drywire/stack.h"
#include "ends.h"

#include <stdatomic.h>

enum { DW_STACK_BUCKETS = 256, DW_STACK_TCP = 6 };

/* A connection, from its first segment or call until nobody knows it any more.  Its socket is the
 * program's, where a program has it. */
typedef struct dw_stack_conn {
    dw_socket socket; /* first */
    struct dw_stack *stack;
    struct dw_stack_conn *chain;           /* of its bucket */
    struct dw_stack_conn *next, *previous; /* in the order of their beginnings */
    struct dw_stack_conn *touched_next;    /* among those that something happened to */
    struct dw_stack_conn *waiting;         /* the next that its listener has not handed out */
    struct dw_stack_listener *listener;    /* that it waits at, or NULL */
    dw_flow flow;
    int handle;       /* -1: none yet */
    const char *word; /* the state as the stack has told it last */
    uint8_t state;    /* enum dw_end_state: what was told last */
    dw_end end;       /* as the segments have it */
    uint64_t taken;   /* octets that the stack took from the program */
    int error;        /* DW_OK, or what ended it */
    bool user;        /* a program has its socket, or is to get it */
    bool opening;     /* the program has not been told that it is open */
    bool over;        /* it is CLOSED, and was something else */
    bool finished;    /* the program sends no more */
    bool touched;     /* something happened to it: look at it */
    bool fresh;       /* likewise, since the last tick */
} dw_stack_conn;

typedef struct dw_stack_listener {
    dw_socket socket; /* first */
    struct dw_stack *stack;
    struct dw_stack_listener *next;
    dw_flow flow;
    int handle, backlog;
    int waiting; /* connections in the queue */
    dw_stack_conn *first, *last;
    bool crashed;
} dw_stack_listener;

/* A packet that the stack sent, and that waits until its state has been looked at. */
typedef struct dw_stack_sent {
    struct dw_stack_sent *next;
    size_t len;
    uint8_t bytes[];
} dw_stack_sent;

typedef struct dw_stack {
    const dw_stack_ops *ops;
    dw_node *node;
    const dw_host *host;
    const dw_socket_ops *sockets;
    dw_stack_host table; /* what the stack is handed */
    void *instance;      /* the stack's own; there while it is started */
    void *object;        /* the shared object, or NULL */
    char *path;          /* where that came from */
    dw_setting *settings;
    size_t setting_count;
    dw_timer timer;
    dw_time told;   /* the time that `now` was called with, or -1 */
    dw_time tick;   /* 0: none */
    dw_time active; /* when something happened last */
    dw_time same;   /* the moment that `again` and `sent_now` are about */
    uint32_t again; /* how often it was called since the clock moved */
    uint32_t sent_now;
    uint32_t depth;           /* calls into the stack that are under way */
    const char *caller;       /* dw_stack_thread of who called */
    atomic_bool other_thread; /* another one has called back */
    char reason[200];         /* `because` */
    bool started, settling, broken, background, ending, unloaded;
    dw_stack_conn *buckets[DW_STACK_BUCKETS];
    dw_stack_conn *first, *last;
    dw_stack_conn *touched; /* in no order: whoever is told stands in a queue of the simulation */
    dw_stack_listener *listeners;
    dw_stack_sent *sent_first, *sent_last;
} dw_stack;

/* Whether the stack tells the connection's states; else they are inferred. */
static inline bool dw_stack_tells(const dw_stack_conn *c)
{
    return c->handle >= 0 && c->stack->ops->state;
}

/* calls.c.  enter: the stack is about to be called, and knows the time; false: it is broken, or not
 * there. */
bool dw_stack_enter(dw_stack *s);
void dw_stack_leave(dw_stack *s);
/* An address that each thread has for itself. */
const char *dw_stack_thread(void);
/* The adapter, or the stack behind it, did what cannot be: the run ends with a sentence. */
void dw_stack_fault(dw_stack *s, const char *format, ...) DW_PRINTF(2, 3);
/* An error that a call may have, or DW_E_ABI when it is none. */
int dw_stack_error(dw_stack *s, int64_t result, const char *call);
/* A call that failed, with the sentence that the stack gave, if any.  Returns error. */
int dw_stack_failed(dw_stack *s, const char *call, int error);

/* conns.c */
dw_stack_conn *dw_stack_find(const dw_stack *s, const dw_flow *flow);
dw_stack_listener *dw_stack_listens(const dw_stack *s, uint16_t port);
/* NULL: out of memory.  A connection begins in CLOSED or LISTEN. */
dw_stack_conn *dw_stack_conn_new(dw_stack *s, const dw_flow *flow, enum dw_end_state state);
void dw_stack_conn_free(dw_stack_conn *c);
/* Something happened to it: it is looked at in this turn, and once more in the next tick. */
void dw_stack_touch(dw_stack_conn *c);
/* Its states as the last segment showed them, where the stack itself does not tell. */
void dw_stack_show_moves(dw_stack_conn *c);
/* Its state as the stack tells it. */
void dw_stack_ask_state(dw_stack_conn *c);
const char *dw_stack_state_name(enum dw_end_state state);

/* output.c */
void dw_stack_fill_table(dw_stack *s);
/* Everything that the stack has sent goes onto the wire. */
void dw_stack_flush(dw_stack *s);
/* Which connection a packet is of, from this host's side, and what it says; false: it is no segment
 * of TCP. */
bool dw_stack_read(const dw_stack *s, const uint8_t *bytes, size_t len, bool sent, dw_flow *flow,
                   dw_end_segment *out);

/* life.c */
/* false: it could not be started, and the simulation has ended with a sentence. */
bool dw_stack_start(dw_stack *s);
void dw_stack_stop(dw_stack *s);
/* Nothing of it is to come any more. */
void dw_stack_rest(dw_stack *s);

/* turn.c.  After a call into the stack: look at what it touched, put its packets onto the wire, and
 * have it called again in its time. */
void dw_stack_look(dw_stack *s);
void dw_stack_settle_later(dw_stack *s);
/* The connections that the stack has ready for its listeners. */
void dw_stack_take_accepted(dw_stack *s);
void dw_stack_woken(void *arg);

/* sockets.c */
extern const dw_socket_ops dw_stack_sockets;

/* receive.c: dw_stack_receive of the node. */
void dw_stack_arrives(dw_node *node, const uint8_t *bytes, size_t len, void *arg);

/* plugin.c: the host's TCP. */
extern const dw_plugin dw_stack_plugin;

/* options.c: DW_OK, or an error with a sentence in why. */
/* Of a connection, or with handle -1 of all that there will be; the stack is started. */
int dw_stack_option(dw_stack *s, int handle, const char *name, const char *text, char *why,
                    size_t size);
/* As the latter, of a stack that is yet to be started. */
int dw_stack_option_later(dw_stack *s, const char *name, const char *text, char *why, size_t size);
/* What it is loaded with; a sentence is in dw_sim_message. */
int dw_stack_keep_settings(dw_stack *s, const dw_setting *settings, size_t count);
void dw_stack_free_settings(dw_stack *s);

/* object.c: DW_OK, or an error with a sentence in dw_sim_message. */
int dw_stack_check_table(dw_sim *sim, const dw_stack_ops *ops);
int dw_stack_open(dw_sim *sim, const char *path, void **object, const dw_stack_ops **ops);
/* The shared object again, with all variables as they were first. */
int dw_stack_reload(dw_stack *s);
void dw_stack_close(void *object);

#endif
