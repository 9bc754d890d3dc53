/* The seam for foreign stacks: how a TCP/IP that is not drywire's speaks for a host.
 *
 * An adapter is a shared object with one table of functions (dw_stack_ops) between drywire and some
 * stack: packets in, packets out, the clock, and the calls of a program.  With it a host of a
 * simulation is that stack: on the wire are its own segments, and dw_socket_* or a script's calls
 * reach it as they reach drywire's TCP.  docs/STACKS.md tells how to write one, with a template.
 *
 * An adapter needs this header and calls no function of the library: all that it may ask for is in
 * the table that `start` gets.  Every host has a copy of its own of the shared object and of all
 * that this is linked with, global variables included, so an adapter may have as many of these as
 * its stack does.  Nothing is called from two threads, and nothing may be called back from a thread
 * of the stack's own.
 *
 * The same calls, packets and times must have the same results whenever they come again: no real
 * clock, no random numbers but those of dw_stack_host.random.
 *
 * Versioning: DW_STACK_ABI changes when a field changes meaning; structs only grow at the end, and
 * each says its size, so a newer drywire takes an older adapter of the same ABI. */
#ifndef DRYWIRE_STACK_H
#define DRYWIRE_STACK_H

#include "packet.h"
#include "socket.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DW_STACK_ABI 1u

/* What a stack is started with, and may ask for.  It is there until `stop` has returned. */
typedef struct dw_stack_host {
    uint32_t size;    /* sizeof(dw_stack_host) in the drywire that filled it in */
    void *wire;       /* the first argument of the functions below */
    const char *name; /* of the host: "client" */
    dw_addr addr;     /* its address; all others are to be had without a router */
    uint32_t mtu;     /* octets of the longest packet that its links take */

    /* Send a packet, from its IPv4 or IPv6 header on, whole and with its checksums.  It is copied.
     * May be called in every function of dw_stack_ops but `stop`, and nowhere else. */
    void (*output)(void *wire, const void *packet, size_t len);
    /* 64 random bits from the simulation's seed: for initial sequence numbers, ports, keys. */
    uint64_t (*random)(void *wire);
    /* Why the function that is about to return an error fails: a sentence without its final stop,
     * which is copied.  Whoever made the call gets it. */
    void (*because)(void *wire, const char *sentence);
} dw_stack_host;

/* A stack, as its adapter offers it.  `stack` is what `start` has put into *stack.
 *
 * Handles, of listeners and connections alike, are numbers from 0 up that the adapter chooses.  One
 * stays taken until drywire lets go of it (`release`).
 *
 * Errors are DW_E_* of base.h.  No function waits: what cannot be done yet is DW_E_AGAIN, and is
 * tried again when something has happened to the connection. */
typedef struct dw_stack_ops {
    uint32_t abi;     /* DW_STACK_ABI */
    uint32_t size;    /* sizeof(dw_stack_ops) */
    const char *name; /* "lwip": a word */
    /* 0: `poll` is called when it has asked for it.  Otherwise the stack lives by a tick of so many
     * nanoseconds: `poll` is called once in each, and not besides. */
    dw_time tick;

    /* Begin, with nothing there; *stack is what all else is handed.  DW_OK, or an error: the host
     * cannot be used then.  Called when the host is first used, once its links are there. */
    int (*start)(const dw_stack_host *host, void **stack);
    /* End, and give back all memory.  Nothing is sent any more. */
    void (*stop)(void *stack);
    /* What time it is, in nanoseconds since the simulation began: before any other call, whenever
     * the clock has moved.  NULL: it does not need to know. */
    void (*now)(void *stack, dw_time now);
    /* A packet arrives, from its network header on; the bytes are valid during the call only. */
    void (*input)(void *stack, const uint8_t *packet, size_t len);
    /* Do what is due.  Returns the time at which to be called again, DW_TIME_NEVER for not at all;
     * `now` for at once.  It is also called after packets and calls, so what these made due may
     * wait for it, and what it answered before does not count any more. */
    dw_time (*poll)(void *stack);

    /* OPEN, passive: a handle of a listener, or an error.  flow->local_port says where.  backlog:
     * how many connections may wait to be accepted. */
    int (*listen)(void *stack, const dw_flow *flow, int backlog);
    /* The next complete connection of a listener: its handle, with its ends in *flow (remote and
     * remote_port, local_port), or DW_E_AGAIN. */
    int (*accept)(void *stack, int listener, dw_flow *flow);
    /* OPEN, active, to flow->remote and flow->remote_port: a handle at once, or an error.  Where
     * flow->local_port is 0 the stack chooses, and writes there which. */
    int (*connect)(void *stack, dw_flow *flow);
    /* SEND: how many of the octets were taken, which is at least 1, or DW_E_AGAIN when there is no
     * room; DW_E_RESET and so on once the connection is gone. */
    int64_t (*send)(void *stack, int conn, const void *bytes, size_t len);
    /* RECEIVE: how many octets were copied, from 1 to max; DW_E_AGAIN when there are none yet,
     * DW_E_CLOSED at the end of the stream, DW_E_RESET and so on once the connection is gone. */
    int64_t (*recv)(void *stack, int conn, void *bytes, size_t max);
    /* No more to send; receiving goes on.  NULL: it cannot. */
    int (*shutdown)(void *stack, int conn);
    /* The program is done with it, a connection or a listener.  Of a connection only `state` and
     * `release` follow. */
    void (*close)(void *stack, int handle);
    /* Likewise, with a reset.  NULL: it cannot. */
    void (*abort)(void *stack, int conn);

    /* What follows may be NULL. */
    /* The state of a connection in RFC 9293's words ("ESTABLISHED"; FIN_WAIT_1 and SYN_RCVD are
     * understood, too), also after `close`, until it is CLOSED; a constant, so that the same
     * pointer is the same state.  NULL: drywire infers states from segments, and pictures show them
     * as inferred. */
    const char *(*state)(void *stack, int conn);
    /* Why a connection ended: DW_OK in order, DW_E_REFUSED, DW_E_RESET, DW_E_TIMEOUT.  NULL: as its
     * segments look. */
    int (*error)(void *stack, int conn);
    /* Set an option from its text; conn -1: of all connections from now on.  DW_OK, DW_E_NOENT for
     * a name that is none, or another error. */
    int (*option)(void *stack, int conn, const char *name, const char *text);
    /* The names of these, with NULL at the end: for sentences on wrong ones. */
    const char *const *options;
    /* Nobody will ask for this handle again; it may be used for another. */
    void (*release)(void *stack, int handle);
} dw_stack_ops;

/* What an adapter exports, and the library does not have. */
DW_API const dw_stack_ops *dw_stack_entry(void);
#define DW_STACK_ENTRY "dw_stack_entry"
typedef const dw_stack_ops *(*dw_stack_entry_fn)(void);

/* Let the adapter in a shared object speak for a host.  A path without a slash is a file of the
 * present directory.  The settings, copied, are for the adapter's `option`, except "tick", a length
 * of time, which takes the place of dw_stack_ops.tick.
 *
 * The host then has nothing of drywire's protocols: every packet that reaches it goes to the stack,
 * and dw_socket_* with "tcp", and options of "tcp", are the stack's.  dw_node_crash begins it
 * again, from nothing.
 *
 * Returns DW_OK, or with a sentence in dw_sim_message: DW_E_NOENT without such a file or option,
 * DW_E_ABI for a file that is no adapter or a wrong one, DW_E_EXIST where the host's TCP has been
 * used already or has such a stack, DW_E_LIMIT where the system has no room for one more copy,
 * DW_E_NOMEM. */
DW_API int dw_stack_load(dw_node *node, const char *path, const dw_setting *settings, size_t count);
/* The same with a table that the program contains, and that lives as long as the simulation.  There
 * is one copy of what it is linked with, so mostly one host can have it. */
DW_API int dw_stack_add(dw_node *node, const dw_stack_ops *ops, const dw_setting *settings,
                        size_t count);
/* Give back what a host's stack takes, of which there is little in a process: the stack ends,
 * without a packet, and its shared object is closed.  The simulation can still be looked at;
 * whoever uses the host again ends the run with a sentence.  DW_OK, DW_E_NOENT where the host has
 * no such stack, DW_E_BUSY while the simulation runs. */
DW_API int dw_stack_unload(dw_node *node);
/* The name of a host's stack; NULL: it is drywire's own, one of dw_node_set_stack, or was
 * unloaded. */
DW_API const char *dw_stack_name(const dw_node *node);

#ifdef __cplusplus
}
#endif
#endif
