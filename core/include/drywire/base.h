/* Types that every part of drywire shares: time, errors, handles, addresses, assertions.
 *
 * Every public header includes this one; drywire.h includes those of programs, plugin.h those of
 * plugins.  Nothing here needs a running simulation.  All are C11 and later, and C++11 and later.
 */
#ifndef DRYWIRE_BASE_H
#define DRYWIRE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
template <typename T> inline T dw_init()
{
    T value = T();
    value.size = sizeof(T);
    return value;
}
extern "C" {
#endif

#define DW_VERSION_MAJOR 0
#define DW_VERSION_MINOR 2
#define DW_VERSION_PATCH 0
#define DW_VERSION "0.2.0"

/* Marks a function that libdrywire exports. */
#if defined(__GNUC__)
#define DW_API __attribute__((visibility("default")))
#define DW_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#define DW_NORETURN __attribute__((noreturn))
#define DW_LIKELY(x) __builtin_expect(!!(x), 1)
#define DW_UNLIKELY(x) __builtin_expect(!!(x), 0)
#else
#define DW_API
#define DW_PRINTF(format_at, args_at)
#define DW_NORETURN
#define DW_LIKELY(x) (x)
#define DW_UNLIKELY(x) (x)
#endif

/* Simulated time: nanoseconds since the simulation began, or a length of time.
 * 2^63 ns are 292 years. */
typedef int64_t dw_time;

#define DW_NANOSECOND ((dw_time)1)
#define DW_MICROSECOND (1000 * DW_NANOSECOND)
#define DW_MILLISECOND (1000 * DW_MICROSECOND)
#define DW_SECOND (1000 * DW_MILLISECOND)
#define DW_MINUTE (60 * DW_SECOND)
#define DW_HOUR (60 * DW_MINUTE)
#define DW_TIME_NEVER INT64_MAX /* later than every event */

/* A time so much later, both from 0 up; what lies past the end of time is never. */
static inline dw_time dw_time_add(dw_time time, dw_time later)
{
    return later > DW_TIME_NEVER - time ? DW_TIME_NEVER : time + later;
}

/* Somebody who is told how much memory is held on his behalf. */
typedef struct dw_account {
    void (*change)(void *arg, int64_t octets); /* so many more; fewer when negative */
    void *arg;
} dw_account;

/* What a function that can fail returns.  The first group is about the call,
 * the second is what the network did to a connection. */
enum dw_error {
    DW_OK = 0,
    DW_E_NOMEM = -1,      /* out of memory (see drywire.h), or a simulated host is */
    DW_E_INVAL = -2,      /* an argument is outside its documented range */
    DW_E_NOENT = -3,      /* no such host, option, file, protocol ... */
    DW_E_EXIST = -4,      /* the name or address is already taken */
    DW_E_IO = -5,         /* the operating system refused to read or write */
    DW_E_ABI = -6,        /* a plugin was built for another ABI, or is none */
    DW_E_FORMAT = -7,     /* a file or a text is not what it should be */
    DW_E_MISMATCH = -8,   /* an expectation or a figure does not hold */
    DW_E_LIMIT = -9,      /* a limit on time, events or memory was reached */
    DW_E_INTERRUPT = -10, /* dw_sim_interrupt was called */
    DW_E_BUSY = -11,      /* not from a callback in the middle of an event (dw_sim_defer) */

    DW_E_AGAIN = -20,        /* would block: wait for the socket's event */
    DW_E_REFUSED = -21,      /* connection refused */
    DW_E_RESET = -22,        /* connection reset */
    DW_E_TIMEOUT = -23,      /* the peer did not answer in time */
    DW_E_UNREACH = -24,      /* no route, or the network says so */
    DW_E_CLOSING = -25,      /* connection closing: no more can be sent */
    DW_E_CLOSED = -26,       /* the peer has finished sending: end of the stream */
    DW_E_NOTCONN = -27,      /* connection does not exist */
    DW_E_ISCONN = -28,       /* connection already exists */
    DW_E_ADDRINUSE = -29,    /* local address and port are taken */
    DW_E_CRASHED = -30,      /* the host lost its memory (dw_node_crash) */
    DW_E_ADDRNOTAVAIL = -31, /* the local address is not the host's, or nobody can have the other */
};

/* A short English name for an error: "refused", "out of memory".
 * Never NULL; an unknown value gives "unknown error". */
DW_API const char *dw_strerror(int error);

/* The version of the library that is running, "major.minor.patch". */
DW_API const char *dw_version(void);

/* Structs that grow.
 *
 * Whatever a program fills in and hands over for one call, or for a simulation to keep a copy of,
 * begins with its size as the program was compiled: `dw_sim_config c = DW_INIT(dw_sim_config);`, or
 * `{.size = sizeof(dw_sim_config), .seed = 1}`.  Later versions append fields; a program that does
 * not know them gets their default, which is zero, as for every field.  So one that is all zeroes,
 * `{0}`, means the defaults, and where a function takes a pointer to such a struct, so does NULL.
 * A size of zero stands for that of the struct's first version.  DW_E_INVAL when a program asks for
 * what the library, being older, does not have.
 *
 * All other structs are values (dw_addr, dw_flow, dw_slice, dw_timer, dw_dissection, dw_trace_event
 * ...): they do not change as long as the library keeps its name, libdrywire.so.0. */
#ifdef __cplusplus
#define DW_INIT(type) dw_init<type>()
#else
#define DW_INIT(type)                                                                              \
    {                                                                                              \
        .size = sizeof(type)                                                                       \
    }
#endif

/* What a program holds, and never looks into. */
typedef struct dw_sim dw_sim;     /* a simulation: everything lives in one */
typedef struct dw_node dw_node;   /* a host or router */
typedef struct dw_link dw_link;   /* between two of them */
typedef struct dw_iface dw_iface; /* a node's end of a link */
typedef struct dw_event dw_event; /* an entry in the event queue */
typedef struct dw_rng dw_rng;     /* a named stream of random numbers */
typedef struct dw_rule dw_rule;   /* a fault on a link or a host */
typedef struct dw_trace dw_trace; /* what happened */
typedef struct dw_socket dw_socket;
typedef struct dw_plugin dw_plugin; /* see plugin.h */

/* Free text or arrays that a function handed over ("the caller frees it").  NULL is allowed. */
DW_API void dw_free(void *block);

/* A timer belongs to whoever embeds it and must be cancelled before its memory
 * goes.  Zero the struct, set node, fire and arg, then use dw_timer_set (a
 * plugin: dw_host.timer_set). */
typedef struct dw_timer {
    dw_time expires;   /* DW_TIME_NEVER when not running */
    dw_time queued_at; /* when the queue entry fires; at or before expires */
    dw_event *event;   /* the queue entry, or NULL */
    dw_node *node;
    void (*fire)(void *arg);
    void *arg;
} dw_timer;

/* A network address.  IPv4 stands in word[0] in host byte order. */
typedef struct dw_addr {
    uint32_t family; /* 0: none, 4: IPv4, 6: IPv6 */
    uint32_t word[4];
} dw_addr;

static inline dw_addr dw_addr_v4(uint32_t host_order)
{
    dw_addr addr = {4, {host_order, 0, 0, 0}};
    return addr;
}

static inline bool dw_addr_equal(const dw_addr *a, const dw_addr *b)
{
    return a->family == b->family && a->word[0] == b->word[0] && a->word[1] == b->word[1] &&
           a->word[2] == b->word[2] && a->word[3] == b->word[3];
}

/* Whether it can be the address of one host: neither none, nor 0.0.0.0 or ::, a multicast or the
 * broadcast address. */
static inline bool dw_addr_is_unicast(const dw_addr *a)
{
    if (a->family == 6)
        return a->word[0] >> 24 != 0xff && (a->word[0] | a->word[1] | a->word[2] | a->word[3]);
    if (a->family == 0) return false;
    return a->word[0] != 0 && a->word[0] != UINT32_MAX && a->word[0] >> 28 != 14;
}

/* Whether it is what every host calls itself: 127.0.0.0/8 (RFC 1122 3.2.1.3 (g)) or ::1 (RFC 4291
 * 2.5.3). */
static inline bool dw_addr_is_loopback(const dw_addr *a)
{
    if (a->family == 4) return a->word[0] >> 24 == 127;
    return a->family == 6 && !(a->word[0] | a->word[1] | a->word[2]) && a->word[3] == 1;
}

/* Length of the longest text that dw_addr_format writes, with its NUL. */
#define DW_ADDR_TEXT 48

/* Parse "10.0.0.1" or "2001:db8::1".  Returns DW_OK or DW_E_FORMAT; *out is then untouched. */
DW_API int dw_addr_parse(const char *text, dw_addr *out);

/* Write an address as text into buf, at most size bytes with the NUL; returns buf. */
DW_API char *dw_addr_format(const dw_addr *addr, char *buf, size_t size);

/* Parse a length of time with its unit: "20ms", "1.5s", "2min", "1h", "250us",
 * "7ns".  Exact integer arithmetic; negative values are refused.
 *
 * Returns DW_OK, or DW_E_FORMAT with a sentence in why (NUL-terminated, at most
 * why_size bytes): no unit, an unknown unit with the nearest one, finer than 1 ns. */
DW_API int dw_parse_time(const char *text, dw_time *out, char *why, size_t why_size);
/* A date from 1970 to 2200, in nanoseconds since 1970: "2026-01-31", "2026-01-31T12:00:00.5Z" (UTC,
 * with or without the Z) or "@1700000000", seconds since 1970. */
DW_API int dw_parse_date(const char *text, dw_time *out, char *why, size_t why_size);

/* Parse a rate: "10Mbps", "1.5Gbps", "64kbps", "9600bps", "1MB/s", "1KiB/s".  In bit/s. */
DW_API int dw_parse_rate(const char *text, uint64_t *bits_per_second, char *why, size_t why_size);

/* Parse a size: "1500B", "64KiB", "10kB", "2MB", "1GiB".  In bytes. */
DW_API int dw_parse_size(const char *text, uint64_t *bytes, char *why, size_t why_size);

/* A probability as a ratio of integers: parts out of DW_RATIO_ONE. */
typedef uint64_t dw_ratio;
#define DW_RATIO_ONE ((dw_ratio)1000000000000)

/* Parse a probability: "2%", "0.05%", "0.02", from 0 to 1. */
DW_API int dw_parse_ratio(const char *text, dw_ratio *out, char *why, size_t why_size);

/* Length of the longest text that dw_time_format writes, with its NUL. */
#define DW_TIME_TEXT 32

/* Write a time as seconds with as many decimals as places (0 to 9, cut, not
 * rounded): 1040000000 with 6 places is "1.040000".  Returns buf. */
DW_API char *dw_time_format(dw_time time, int places, char *buf, size_t size);

/* Write a length of time in its natural unit: "20ms", "1.5s", "4min".  Returns buf. */
DW_API char *dw_duration_format(dw_time time, char *buf, size_t size);

/* The entry of names (a NULL-terminated array) that is nearest to word, or NULL
 * when none is near: at most max(1, length/3) edits, a swap counting as one. */
DW_API const char *dw_nearest(const char *word, const char *const *names);

/* Our own mistakes stop the program in every build; a message names the place. */
DW_API DW_NORETURN void dw_assert_failed(const char *what, const char *file, int line);
#define DW_ASSERT(condition)                                                                       \
    (DW_LIKELY(condition) ? (void)0 : dw_assert_failed(#condition, __FILE__, __LINE__))

#ifdef __cplusplus
}
#endif
#endif
