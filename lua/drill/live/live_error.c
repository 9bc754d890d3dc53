/* A socket's error queue, as the kernel fills it (dw_notice). */
#define _GNU_SOURCE
#include "live.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static bool is_error(const struct cmsghdr *c)
{
    return (c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) ||
           (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR);
}

static void take(dw_live *live, const struct cmsghdr *c, dw_notice *out)
{
    struct sock_extended_err error;
    struct timespec timestamp;
    if (is_error(c)) {
        memcpy(&error, CMSG_DATA(c), sizeof error);
        out->origin = error.ee_origin;
        out->info = error.ee_info;
        out->data = error.ee_data;
    } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPING) {
        memcpy(&timestamp, CMSG_DATA(c), sizeof timestamp);
        out->at = timestamp.tv_sec * DW_SECOND + timestamp.tv_nsec - live->epoch;
    }
}

int64_t dw_live_notice(dw_sys *sys, int fd, dw_notice *out)
{
    union {
        struct cmsghdr aligned;
        char bytes[512];
    } control;
    struct msghdr m = {.msg_control = &control, .msg_controllen = sizeof control};
    if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return -errno;
    *out = (dw_notice){.truncated = (m.msg_flags & MSG_TRUNC) != 0};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        take((dw_live *)(void *)sys, c, out);
    return 0;
}
