/* The parts of the player's page, embedded when drywire is built. */
#ifndef DW_PLAYER_H
#define DW_PLAYER_H

#include <stddef.h>

typedef struct dw_asset {
    const char *name, *text; /* text ends with a NUL that len does not count */
    size_t len;
} dw_asset;

/* In the order in which they belong on the page; the last one's name is NULL. */
extern const dw_asset dw_player_assets[];

#endif
