/* Sizes that only TCP knows. */
#include "bare_queue.h"
#include "tcp/tcp_timewait.h"

size_t dw_bench_time_wait_size(void)
{
    return sizeof(dw_tcp_time_wait);
}
