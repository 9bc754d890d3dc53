/* A network namespace of one's own: its TUN device, addresses, routes and sysctls.  All of it is
 * gone when the process ends, however it ends. */
#define _GNU_SOURCE
#include "live.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char device[] = "tun0"; /* as scripts call it */

static bool refused(char *why, size_t size, const char *what)
{
    snprintf(why, size, "%s: %s", what, strerror(errno));
    return false;
}

bool dw_live_enter(int *tun, bool merges, char *why, size_t size)
{
    if (unshare(CLONE_NEWNET) != 0)
        return refused(why, size,
                       errno == EPERM ? "this needs root (CAP_SYS_ADMIN), for a network namespace"
                                      : "this kernel gives no network namespace");
    *tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (*tun < 0) return refused(why, size, "this needs /dev/net/tun");
    struct ifreq r = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    if (merges) r.ifr_flags |= IFF_VNET_HDR;
    memcpy(r.ifr_name, device, sizeof device);
    if (ioctl(*tun, TUNSETIFF, &r) == 0) return true;
    return refused(why, size, "/dev/net/tun gives no device");
}

/* Addresses and routes, by the oldest of the interfaces for it: it needs no library. */

static int on_device(int fd, const char *name, unsigned long request, struct ifreq *r)
{
    snprintf(r->ifr_name, sizeof r->ifr_name, "%s", name);
    return ioctl(fd, request, r);
}

static int bring_up(int fd, const char *name)
{
    struct ifreq r = {.ifr_flags = IFF_UP | IFF_RUNNING};
    return on_device(fd, name, SIOCSIFFLAGS, &r);
}

static int set_mtu(int fd, int64_t mtu)
{
    struct ifreq r = {.ifr_mtu = (int)mtu};
    return on_device(fd, device, SIOCSIFMTU, &r);
}

static struct sockaddr_in v4(uint32_t addr)
{
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(addr)};
}

static int set_v4(int fd, unsigned long request, uint32_t addr)
{
    struct ifreq r = {0};
    struct sockaddr_in a = v4(addr);
    memcpy(&r.ifr_addr, &a, sizeof a);
    return on_device(fd, device, request, &r);
}

static int route_v4(int fd)
{
    char name[] = "tun0";
    struct rtentry route = {.rt_flags = RTF_UP, .rt_dev = name};
    struct sockaddr_in any = v4(0);
    memcpy(&route.rt_dst, &any, sizeof any);
    memcpy(&route.rt_genmask, &any, sizeof any);
    return ioctl(fd, SIOCADDRT, &route);
}

static int set_v6(int fd, const dw_addr *addr)
{
    struct { /* struct in6_ifreq, whose header does not go with the C library's */
        struct in6_addr addr;
        uint32_t prefix_len;
        int index;
    } r = {.prefix_len = 64, .index = (int)if_nametoindex(device)};
    for (int i = 0; i < 4; i++)
        dw_put32(r.addr.s6_addr + 4 * i, addr->word[i]);
    return ioctl(fd, SIOCSIFADDR, &r);
}

static int route_v6(int fd)
{
    struct in6_rtmsg route = {
        .rtmsg_flags = RTF_UP, .rtmsg_metric = 1, .rtmsg_ifindex = (int)if_nametoindex(device)};
    return ioctl(fd, SIOCADDRT, &route);
}

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    int error = errno;
    close(fd);
    errno = error;
    return ok;
}

static bool configure_v4(int fd, const dw_addr *local)
{
    return set_v4(fd, SIOCSIFADDR, local->word[0]) == 0 &&
           set_v4(fd, SIOCSIFNETMASK, 0xffffff00) == 0 && bring_up(fd, device) == 0 &&
           route_v4(fd) == 0;
}

/* The kernel makes a new address usable a little later. */
static bool usable_v6(int fd, const dw_addr *local)
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6};
    struct timespec moment = {.tv_nsec = DW_MILLISECOND};
    for (int i = 0; i < 4; i++)
        dw_put32(a.sin6_addr.s6_addr + 4 * i, local->word[i]);
    for (int tries = 0; tries < 2000; tries++) {
        if (bind(fd, (const void *)&a, sizeof a) == 0) return true;
        if (errno != EADDRNOTAVAIL) return false;
        nanosleep(&moment, NULL);
    }
    return false;
}

/* Nobody else is on the wire: the kernel need not ask whether it has the address alone. */
static bool configure_v6(int fd, const dw_addr *local)
{
    int six = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool ok = six >= 0 && write_file("/proc/sys/net/ipv6/conf/tun0/accept_dad", "0") &&
              write_file("/proc/sys/net/ipv6/conf/tun0/router_solicitations", "0") &&
              bring_up(fd, device) == 0 && set_v6(six, local) == 0 && route_v6(six) == 0 &&
              usable_v6(six, local);
    int error = errno;
    if (six >= 0) close(six);
    errno = error;
    return ok;
}

bool dw_live_configure(uint32_t family, const dw_addr *local, int64_t mtu, char *why, size_t size)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && bring_up(fd, "lo") == 0 && set_mtu(fd, mtu) == 0;
    if (!ok) refused(why, size, "the network namespace cannot be set up");
    if (ok && family == 6 && !(ok = configure_v6(fd, local)))
        refused(why, size, "the script needs IPv6, and this kernel gives it none");
    if (ok && family == 4 && !(ok = configure_v4(fd, local)))
        refused(why, size, "the TUN device cannot be given the script's address");
    if (fd >= 0) close(fd);
    return ok;
}

/* A namespace may not take what the machine reserves for root; a socket of root's may. */
static bool give_sockets(dw_live *live, const char *congestion)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(live->congestion, sizeof live->congestion, "%s", congestion);
    bool ok = fd >= 0 && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, congestion,
                                    (socklen_t)strlen(congestion)) == 0;
    int error = errno;
    if (fd >= 0) close(fd);
    errno = error;
    return ok;
}

/* Only what belongs to the namespace is ever set: the rest is the whole machine's. */
bool dw_live_sysctl(dw_command_env *env, const char *name, const char *value)
{
    const dw_drill_run *run = env->owner;
    dw_live *live = run->owner;
    char path[200];
    snprintf(path, sizeof path, "/proc/sys/%s", name);
    for (char *c = path + sizeof "/proc/sys"; *c; c++)
        if (*c == '.') *c = '/';
    if (strncmp(name, "net.", 4) != 0 || strstr(name, ".."))
        return dw_drill_stop(env->outcome, DW_DRILL_UNSUPPORTED,
                             "not supported: %s, which is not a namespace's own", name);
    if (write_file(path, value)) return true;
    bool congestion = errno == EPERM && strcmp(name, "net.ipv4.tcp_congestion_control") == 0;
    if (congestion && give_sockets(live, value)) return true;
    if (errno == ENOENT)
        return dw_drill_stop(env->outcome, DW_DRILL_UNSUPPORTED,
                             "not supported: this kernel has no %s in a namespace", name);
    return dw_drill_stop(env->outcome, DW_DRILL_UNSUPPORTED, "not supported: %s=%s: %s", name,
                         value, strerror(errno));
}

void dw_live_stock(dw_live *live)
{
    write_file("/proc/sys/net/ipv4/tcp_rmem", "4096 131072 33554432");
    write_file("/proc/sys/net/ipv4/tcp_wmem", "4096 16384 4194304");
    if (!write_file("/proc/sys/net/ipv4/tcp_congestion_control", "cubic") &&
        !give_sockets(live, "cubic"))
        live->congestion[0] = 0;
}
