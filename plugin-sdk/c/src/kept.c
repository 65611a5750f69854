/* What a call remembers between its rounds: it rides in the state that the host seals and hands back. */
#include <string.h>

#include "call.h"

/* The host refuses a larger state, which a client would have to carry. */
enum { BH_MAX_STATE_BYTES = 12 * 1024 };

static bh_json *opened(bh_call *call) {
    if (call->kept != NULL) return call->kept;
    call->kept = bh_object();
    if (call->state == NULL) return call->kept;
    const bh_json *before = bh_json_read(call->state, strlen(call->state), NULL);
    for (const bh_json *member = bh_first(before); member != NULL; member = bh_next(member)) {
        if (bh_name(member) != NULL) bh_put(call->kept, bh_name(member), member);
    }
    return call->kept;
}

void bh_keep(bh_context *ctx, const char *key, const bh_json *value) {
    bh_put(opened(ctx->call), key, value);
    ctx->call->kept_changed = true;
}

const bh_json *bh_kept(bh_context *ctx, const char *key) { return bh_get(opened(ctx->call), key); }

const char *bh_sealed(bh_context *ctx, bh_reply **problem) {
    bh_call *call = ctx->call;
    const char *state = call->kept_changed ? bh_json_write(call->kept) : call->state;
    if (state == NULL || strlen(state) <= BH_MAX_STATE_BYTES) return state;
    *problem = bh_failed("this call keeps %zu bytes between its rounds, and %d is the most", strlen(state),
                         BH_MAX_STATE_BYTES);
    return NULL;
}
