/* The calls as a table. */
#include "sockets.h"

const dw_sys_calls dw_sys_simulated = {
    .socket = dw_sys_socket,
    .bind = dw_sys_bind,
    .listen = dw_sys_listen,
    .accept = dw_sys_accept,
    .connect = dw_sys_connect,
    .send = dw_sys_send,
    .notice = dw_sys_notice,
    .recv = dw_sys_recv,
    .shutdown = dw_sys_shutdown,
    .close = dw_sys_close,
    .setsockopt = dw_sys_setsockopt,
    .getsockopt = dw_sys_getsockopt,
    .getfl = dw_sys_getfl,
    .setfl = dw_sys_setfl,
    .inq = dw_sys_inq,
    .outq = dw_sys_outq,
    .poll = dw_sys_poll,
    .epoll_create = dw_sys_epoll_create,
    .epoll_ctl = dw_sys_epoll_ctl,
    .epoll_wait = dw_sys_epoll_wait,
    .pipe = dw_sys_pipe,
    .splice = dw_sys_splice,
    .file = dw_sys_file,
    .tcp_info = dw_sys_tcp_info,
};
