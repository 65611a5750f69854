/* What the SDK needs of whatever runs the plugin: wasm/host.c asks the host, native/host.c stands in for it in tests.
 * Where a function answers with a problem, NULL means that it worked. */
#ifndef BH_HOST_H
#define BH_HOST_H

#include "call.h"

void bh_host_progress(double progress, const double *total, const char *message);
void bh_host_log(bh_level level, const char *logger, const char *data);
bool bh_host_cancelled(void);
void bh_host_resource_updated(const char *uri);
void bh_host_resources_changed(void);
bh_reply *bh_host_set_visible(bh_item kind, const char *name, bool visible);
void bh_host_task_status(const char *message);
void bh_host_close_stream(const uint32_t *retry_ms);

/* NULL where nothing is configured. */
const char *bh_host_config(const char *key);

bh_reply *bh_host_kv_get(const char *key, bh_bytes *value);
bh_reply *bh_host_kv_set(const char *key, bh_bytes value);
bh_reply *bh_host_kv_delete(const char *key);
bh_reply *bh_host_kv_increment(const char *key, uint64_t by, uint64_t *now);
bh_reply *bh_host_kv_keys(bh_json *keys);

/* The parts that wasi:http wants apart. */
typedef struct bh_url {
    bool https;
    const char *authority;
    const char *path_with_query;
    const char *host; /* without a port */
} bh_url;

/* Sends what http.c has checked. */
bh_reply *bh_host_http(const bh_http_request *request, const bh_url *url, bh_http_response *response);

#endif
