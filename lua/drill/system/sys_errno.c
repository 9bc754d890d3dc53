/* What went wrong, as an operating system's number. */
#include "descriptor.h"

/* DW_E_ISCONN: the addresses and ports are a connection's already, for which connect has an error
 * of its own (__inet_check_established). */
int dw_errno_of(int error)
{
    switch (error) {
    case DW_OK: return 0;
    case DW_E_AGAIN: return DW_EAGAIN;
    case DW_E_REFUSED: return DW_ECONNREFUSED;
    case DW_E_RESET: return DW_ECONNRESET;
    case DW_E_TIMEOUT: return DW_ETIMEDOUT;
    case DW_E_UNREACH: return DW_EHOSTUNREACH;
    case DW_E_CLOSING: return DW_EPIPE;
    case DW_E_NOTCONN: return DW_ENOTCONN;
    case DW_E_ISCONN: return DW_EADDRNOTAVAIL;
    case DW_E_ADDRINUSE: return DW_EADDRINUSE;
    case DW_E_CRASHED: return DW_ENETUNREACH;
    case DW_E_ADDRNOTAVAIL: return DW_EADDRNOTAVAIL;
    case DW_E_NOMEM: return DW_ENOBUFS;
    case DW_E_NOENT: return DW_ENOPROTOOPT;
    default: return DW_EINVAL;
    }
}

/* Linux: what an ICMP error means to a program (RFC 1122 4.2.3.9 has three classes). */
int dw_errno_of_icmp(int64_t type_and_code)
{
    static const int unreachable[16] = {
        DW_ENETUNREACH,  DW_EHOSTUNREACH, DW_ENOPROTOOPT,  DW_ECONNREFUSED,
        DW_EMSGSIZE,     DW_EOPNOTSUPP,   DW_ENETUNREACH,  DW_EHOSTDOWN,
        DW_ENONET,       DW_ENETUNREACH,  DW_EHOSTUNREACH, DW_ENETUNREACH,
        DW_EHOSTUNREACH, DW_EHOSTUNREACH, DW_EHOSTUNREACH, DW_EHOSTUNREACH};
    int type = (int)(type_and_code >> 8), code = (int)(type_and_code & 255);
    return type == 3 && code < 16 ? unreachable[code] : DW_EHOSTUNREACH;
}

int dw_fd_failure(const dw_descriptor *d)
{
    int error = dw_socket_error(d->socket);
    int64_t icmp = dw_fd_info(d, "icmp");
    if (icmp && d->sys->kind == DW_SYS_LINUX && error != DW_E_RESET) return dw_errno_of_icmp(icmp);
    /* After the peer's FIN Linux calls a reset a broken pipe. */
    if (error == DW_E_RESET && d->sys->kind == DW_SYS_LINUX && dw_fd_info(d, "fin_received"))
        return DW_EPIPE;
    return dw_errno_of(error);
}

int64_t dw_fd_take_error(dw_descriptor *d)
{
    int error = d->error;
    d->error = 0;
    return -error;
}

/* SO_ERROR. */
int64_t dw_fd_ask_error(dw_descriptor *d)
{
    if (d->error == 0 && dw_fd_info(d, "icmp")) {
        int error = d->soft_error;
        d->soft_error = 0;
        return error;
    }
    return -dw_fd_take_error(d);
}
