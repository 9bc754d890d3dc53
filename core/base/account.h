/* Whom a simulation's memory is told to. */
#ifndef DW_ACCOUNT_H
#define DW_ACCOUNT_H

#include "drywire/base.h"

/* So many octets more, or fewer; account may be NULL: nobody counts. */
static inline void dw_account_change(const dw_account *account, int64_t octets)
{
    if (account) account->change(account->arg, octets);
}

#endif
