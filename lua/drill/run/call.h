/* System calls of a script, for the files that do them.
 *
 *   drill_call.c   which calls there are
 *   call_frame.c   arguments and results
 *   call_socket.c  descriptors: socket, bind, listen, accept, connect, close ...
 *   call_data.c    send and receive, with the error queue
 *   call_option.c  setsockopt, getsockopt
 *   call_poll.c    poll, epoll */
#ifndef DW_DRILL_CALL_H
#define DW_DRILL_CALL_H

#include "drill_run.h"

/* What became of a call: it has returned as the script says; it has not returned yet, and is to be
 * tried again; the script is over, for the reason that its outcome has. */
enum dw_call_status { DW_CALL_DONE, DW_CALL_WAITS, DW_CALL_STOPPED };

/* Do a call, or try again one that waits. */
enum dw_call_status dw_drill_call_now(dw_drill_run *run, const dw_drill_call *call,
                                      dw_drill_pending *pending);
/* " (its socket is in CLOSE-WAIT)", in which state what a call works on is; "" where it has none.
 */
const char *dw_drill_call_state(dw_drill_run *run, const dw_drill_call *call, char buf[40]);

/* One call being done. */
enum { DW_CALL_MAX_ARGUMENTS = 10 };
typedef struct dw_call_frame {
    dw_drill_run *run;
    const dw_drill_call *call;
    dw_drill_pending *pending;
    const dw_drill_expr *arg[DW_CALL_MAX_ARGUMENTS];
    size_t argc;
    int64_t result; /* of the call, or -errno, or DW_SYS_WAIT */
} dw_call_frame;

static inline enum dw_call_status dw_call_status_of(bool ok)
{
    return ok ? DW_CALL_DONE : DW_CALL_STOPPED;
}

/* Functions that return bool return false when the outcome has the reason. */

bool dw_call_unsupported(dw_call_frame *f, const char *what);

/* The value of an expression, or of an argument. */
bool dw_call_value(dw_call_frame *f, const dw_drill_expr *e, int64_t *out);
bool dw_call_number(dw_call_frame *f, size_t i, int64_t *out);
/* A number of octets. */
bool dw_call_length(dw_call_frame *f, size_t i, size_t *len);
/* Add a number of octets to a sum, unless they are less than none or too many. */
bool dw_call_add_length(dw_call_frame *f, int64_t n, size_t *total);
bool dw_call_is_ellipsis(const dw_drill_expr *e);
bool dw_call_is_null(const dw_drill_expr *e);
/* A named part of a structure, or NULL, as of no structure. */
const dw_drill_expr *dw_call_part(const dw_drill_expr *e, const char *name);
/* The real descriptor of one of the script's; -1: it has none of that number. */
bool dw_call_fd_of(dw_call_frame *f, const dw_drill_expr *e, int *out);
bool dw_call_fd(dw_call_frame *f, size_t i, int *fd);
bool dw_call_map_fd(dw_call_frame *f, int64_t script, int live);
void dw_call_unmap_fd(dw_drill_run *run, int live);
/* An address; "..." is the script's own end, or with remote the other. */
bool dw_call_address(dw_call_frame *f, const dw_drill_expr *e, bool remote, dw_addr *addr,
                     uint16_t *port);
/* A new connection of the host: its numbers are learnt from the SYN that comes. */
void dw_call_expect_connection(dw_drill_run *run, const dw_addr *remote, uint16_t port);

/* Whether the call returned what the script says. */
enum dw_call_status dw_call_compare(dw_call_frame *f);
/* The same of a new descriptor, which takes the script's number. */
enum dw_call_status dw_call_compare_fd(dw_call_frame *f);
/* "the value is 3; expected 4"; returns false. */
bool dw_call_differs(dw_call_frame *f, const char *what, int64_t expected, int64_t came);

enum dw_call_status dw_call_socket(dw_call_frame *f);
enum dw_call_status dw_call_bind(dw_call_frame *f);
enum dw_call_status dw_call_listen(dw_call_frame *f);
enum dw_call_status dw_call_accept(dw_call_frame *f);
enum dw_call_status dw_call_connect(dw_call_frame *f);
enum dw_call_status dw_call_write(dw_call_frame *f);
enum dw_call_status dw_call_send(dw_call_frame *f);
enum dw_call_status dw_call_sendto(dw_call_frame *f);
enum dw_call_status dw_call_writev(dw_call_frame *f);
enum dw_call_status dw_call_sendmsg(dw_call_frame *f);
enum dw_call_status dw_call_read(dw_call_frame *f);
enum dw_call_status dw_call_recv(dw_call_frame *f);
enum dw_call_status dw_call_readv(dw_call_frame *f);
enum dw_call_status dw_call_recvmsg(dw_call_frame *f);
enum dw_call_status dw_call_close(dw_call_frame *f);
enum dw_call_status dw_call_shutdown(dw_call_frame *f);
enum dw_call_status dw_call_fcntl(dw_call_frame *f);
enum dw_call_status dw_call_ioctl(dw_call_frame *f);
enum dw_call_status dw_call_setsockopt(dw_call_frame *f);
enum dw_call_status dw_call_getsockopt(dw_call_frame *f);
enum dw_call_status dw_call_poll(dw_call_frame *f);
enum dw_call_status dw_call_epoll_create(dw_call_frame *f);
enum dw_call_status dw_call_epoll_ctl(dw_call_frame *f);
enum dw_call_status dw_call_epoll_wait(dw_call_frame *f);
enum dw_call_status dw_call_pipe(dw_call_frame *f);
enum dw_call_status dw_call_open(dw_call_frame *f);
enum dw_call_status dw_call_splice(dw_call_frame *f);
enum dw_call_status dw_call_sendfile(dw_call_frame *f);

#endif
