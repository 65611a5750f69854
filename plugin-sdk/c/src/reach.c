/* What the operator granted: configuration, kept values. */
#include "host.h"

static bool worked(bh_context *ctx, bh_reply *problem) {
    ctx->call->problem = problem;
    return problem == NULL;
}

const char *bh_config(bh_context *ctx, const char *key, const char *fallback) {
    (void)ctx;
    const char *value = bh_host_config(key);
    return value == NULL ? fallback : value;
}

bool bh_kv_get(bh_context *ctx, const char *key, bh_bytes *value) {
    *value = (bh_bytes){NULL, 0};
    return worked(ctx, bh_host_kv_get(key, value));
}

bool bh_kv_set(bh_context *ctx, const char *key, const void *data, size_t size) {
    return worked(ctx, bh_host_kv_set(key, (bh_bytes){data, size}));
}

bool bh_kv_delete(bh_context *ctx, const char *key) { return worked(ctx, bh_host_kv_delete(key)); }

bool bh_kv_increment(bh_context *ctx, const char *key, uint64_t by, uint64_t *now) {
    *now = 0;
    return worked(ctx, bh_host_kv_increment(key, by, now));
}

bool bh_kv_keys(bh_context *ctx, const bh_json **keys) {
    bh_json *found = bh_array();
    *keys = found;
    return worked(ctx, bh_host_kv_keys(found));
}
