/* Memory that is given back all at once. */
#include <stdlib.h>

#include "call.h"

/* Chunks of this size serve the small pieces. A test build sets it to 0, so that every piece is one of malloc's and an
 * address sanitizer sees its borders. */
#ifndef BH_CHUNK_BYTES
#define BH_CHUNK_BYTES 16384
#endif

typedef struct chunk {
    struct chunk *before;
    size_t used;
    size_t size;
    _Alignas(max_align_t) uint8_t bytes[];
} chunk;

static chunk *newest;

static chunk *grow(size_t size) {
    size_t room = size > BH_CHUNK_BYTES ? size : BH_CHUNK_BYTES;
    if (room > SIZE_MAX - sizeof(chunk)) __builtin_trap();
    chunk *fresh = calloc(1, sizeof(chunk) + room);
    if (fresh == NULL) __builtin_trap();
    fresh->before = newest;
    fresh->size = room;
    newest = fresh;
    return fresh;
}

void *bh_alloc(size_t size) {
    const size_t grain = _Alignof(max_align_t);
    if (size > SIZE_MAX - grain) __builtin_trap();
    size_t whole = BH_CHUNK_BYTES == 0 ? size : (size + grain - 1) / grain * grain;
    chunk *from = newest;
    if (from == NULL || from->size - from->used < whole || BH_CHUNK_BYTES == 0) from = grow(whole);
    void *piece = from->bytes + from->used;
    from->used += whole;
    return piece;
}

void bh_arena_reset(void) {
    while (newest != NULL) {
        chunk *before = newest->before;
        free(newest);
        newest = before;
    }
}
