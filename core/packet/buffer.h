/* Buffers that packets share. */
#ifndef DW_BUFFER_H
#define DW_BUFFER_H

#include "drywire/plugin.h"

/* A buffer counts from when a simulation first has it until it is freed or a trace keeps it. */
void dw_buf_charge(dw_buf *buf, const dw_account *account);
void dw_buf_discharge(dw_buf *buf);
/* Of what the slices say, for the digest of a trace. */
uint64_t dw_slices_hash(const dw_slice *slices, size_t count);

#endif
