/* The host's functions, as the SDK calls them. */
#include "../src/host.h"

#include "wit.h"

/* As the host words it; absent is NULL. */
static plugin_string_t *maybe(plugin_string_t *place, const char *text) {
    if (text == NULL) return NULL;
    *place = bh_lower(text);
    return place;
}

void bh_host_progress(double progress, const double *total, const char *message) {
    plugin_string_t place;
    bulkhead_plugin_host_progress(progress, (double *)total, maybe(&place, message));
}

void bh_host_log(bh_level level, const char *logger, const char *data) {
    plugin_string_t place;
    plugin_string_t line = bh_lower(data);
    bulkhead_plugin_host_log((bulkhead_plugin_types_log_level_t)level, maybe(&place, logger), &line);
}

bool bh_host_cancelled(void) { return bulkhead_plugin_host_cancelled(); }

void bh_host_resource_updated(const char *uri) {
    plugin_string_t where = bh_lower(uri);
    bulkhead_plugin_host_resource_updated(&where);
}

void bh_host_resources_changed(void) { bulkhead_plugin_host_resources_changed(); }

bh_reply *bh_host_set_visible(bh_item kind, const char *name, bool visible) {
    plugin_string_t item = bh_lower(name);
    plugin_string_t problem = {NULL, 0};
    if (bulkhead_plugin_host_set_visible((bulkhead_plugin_host_item_kind_t)kind, &item, visible, &problem)) return NULL;
    return bh_failed("%s", bh_lift(problem));
}

void bh_host_task_status(const char *message) {
    plugin_string_t line = bh_lower(message);
    bulkhead_plugin_host_task_status(&line);
}

void bh_host_close_stream(const uint32_t *retry_ms) { bulkhead_plugin_host_close_stream((uint32_t *)retry_ms); }

const char *bh_host_config(const char *key) {
    plugin_string_t name = bh_lower(key);
    plugin_option_string_t value = {.is_some = false};
    wasi_config_store_error_t problem;
    return wasi_config_store_get(&name, &value, &problem) ? bh_lift_option(value) : NULL;
}

/* --- Kept values --- */

static bh_reply *kv_problem(const wasi_keyvalue_store_error_t *error) {
    switch (error->tag) {
    case WASI_KEYVALUE_STORE_ERROR_NO_SUCH_STORE: return bh_failed("there is no such key-value store");
    case WASI_KEYVALUE_STORE_ERROR_ACCESS_DENIED: return bh_denied("kept values are not granted to this plugin");
    default: return bh_failed("%s", bh_lift(error->val.other));
    }
}

/* The bucket stays open: the instance ends with the call. */
static bh_reply *open_bucket(wasi_keyvalue_store_borrow_bucket_t *bucket) {
    static bool is_open;
    static wasi_keyvalue_store_borrow_bucket_t opened;
    if (!is_open) {
        plugin_string_t name = bh_lower("");
        wasi_keyvalue_store_own_bucket_t own;
        wasi_keyvalue_store_error_t error;
        if (!wasi_keyvalue_store_open(&name, &own, &error)) return kv_problem(&error);
        opened = wasi_keyvalue_store_borrow_bucket(own);
        is_open = true;
    }
    *bucket = opened;
    return NULL;
}

bh_reply *bh_host_kv_get(const char *key, bh_bytes *value) {
    wasi_keyvalue_store_borrow_bucket_t bucket;
    bh_reply *problem = open_bucket(&bucket);
    if (problem != NULL) return problem;
    plugin_string_t name = bh_lower(key);
    plugin_option_list_u8_t found = {.is_some = false};
    wasi_keyvalue_store_error_t error;
    if (!wasi_keyvalue_store_method_bucket_get(bucket, &name, &found, &error)) return kv_problem(&error);
    if (found.is_some) *value = (bh_bytes){(const uint8_t *)bh_copy(found.val.ptr, found.val.len), found.val.len};
    return NULL;
}

bh_reply *bh_host_kv_set(const char *key, bh_bytes value) {
    wasi_keyvalue_store_borrow_bucket_t bucket;
    bh_reply *problem = open_bucket(&bucket);
    if (problem != NULL) return problem;
    plugin_string_t name = bh_lower(key);
    plugin_list_u8_t bytes = bh_lower_bytes(value);
    wasi_keyvalue_store_error_t error;
    return wasi_keyvalue_store_method_bucket_set(bucket, &name, &bytes, &error) ? NULL : kv_problem(&error);
}

bh_reply *bh_host_kv_delete(const char *key) {
    wasi_keyvalue_store_borrow_bucket_t bucket;
    bh_reply *problem = open_bucket(&bucket);
    if (problem != NULL) return problem;
    plugin_string_t name = bh_lower(key);
    wasi_keyvalue_store_error_t error;
    return wasi_keyvalue_store_method_bucket_delete(bucket, &name, &error) ? NULL : kv_problem(&error);
}

bh_reply *bh_host_kv_increment(const char *key, uint64_t by, uint64_t *now) {
    wasi_keyvalue_store_borrow_bucket_t bucket;
    bh_reply *problem = open_bucket(&bucket);
    if (problem != NULL) return problem;
    plugin_string_t name = bh_lower(key);
    wasi_keyvalue_store_error_t error;
    return wasi_keyvalue_atomics_increment(bucket, &name, by, now, &error) ? NULL : kv_problem(&error);
}

bh_reply *bh_host_kv_keys(bh_json *keys) {
    wasi_keyvalue_store_borrow_bucket_t bucket;
    bh_reply *problem = open_bucket(&bucket);
    uint64_t place = 0;
    uint64_t *cursor = NULL;
    while (problem == NULL) {
        wasi_keyvalue_store_key_response_t page;
        wasi_keyvalue_store_error_t error;
        if (!wasi_keyvalue_store_method_bucket_list_keys(bucket, cursor, &page, &error)) return kv_problem(&error);
        for (size_t i = 0; i < page.keys.len; i++) bh_push_string(keys, bh_lift(page.keys.ptr[i]));
        if (!page.cursor.is_some) break;
        place = page.cursor.val;
        cursor = &place;
    }
    return problem;
}
