/* IP packets put together from their fragments (RFC 791 3.2, RFC 8200 4.5). */
#ifndef DWL_FRAGMENTS_H
#define DWL_FRAGMENTS_H

#include "ip_header.h"

/* All packets of which fragments are held: at most 1,024, 64 MiB, and 60 s of the capture's time.
 */
typedef struct fragments fragments;

/* NULL: out of memory. */
fragments *fragments_new(void);
void fragments_free(fragments *f);
/* A fragment from its IP header on, whole as far as its headers go.  source: what else has to be
 * equal, since the same packet may have been captured in several places.  true: the packet is whole
 * and in *whole until another one is, with a header that says so: no fragment fields, and the
 * length of the whole. */
bool fragments_add(fragments *f, const piece *ip, const ip_header *header, dw_time at,
                   uint32_t source, piece *whole);
/* How many fragments no packet came of, those that are held now among them; how many packets were
 * given up because their fragments overlapped. */
uint64_t fragments_unused(const fragments *f);
uint64_t fragments_overlapping(const fragments *f);
/* A lack of memory has happened. */
bool fragments_failed(const fragments *f);

#endif
