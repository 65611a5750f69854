/* The generated bindings. After a call they would give back, piece by piece, what it answered; but the instance ends
 * with the call, and an answer may hold constants. So nothing is given back. */
#include <stdlib.h>

static inline void bh_leave(void *piece) { (void)piece; }
#define free bh_leave

#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include "plugin.c"
