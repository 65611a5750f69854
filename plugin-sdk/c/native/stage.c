/* The functions of the host, as a test wants them. */
#include "stage.h"

#include <string.h>

bh_stage bh_the_stage;

void bh_stage_empty(void) {
    bh_arena_reset();
    bh_the_stage = (bh_stage){.client = {true, true, true, true, true, true}};
    bh_the_stage.script = bh_object();
    bh_the_stage.config = bh_object();
    bh_json *told = bh_the_stage.told = bh_object();
    bh_put_array(told, "progress");
    bh_put_array(told, "log");
    bh_put_array(told, "updated");
    bh_put_int(told, "changed", 0);
    bh_put_array(told, "visible");
    bh_put_array(told, "taskStatus");
    bh_put_array(told, "closedStreams");
}

static bh_json *list(const char *name) { return (bh_json *)bh_get(bh_the_stage.told, name); }

void bh_host_progress(double progress, const double *total, const char *message) {
    bh_json *entry = bh_push_object(list("progress"));
    bh_put_number(entry, "progress", progress);
    if (total != NULL) bh_put_number(entry, "total", *total);
    if (message != NULL) bh_put_string(entry, "message", message);
}

void bh_host_log(bh_level level, const char *logger, const char *data) {
    static const char *const levels[] = {"debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"};
    bh_json *entry = bh_push_object(list("log"));
    bh_put_string(entry, "level", levels[level]);
    if (logger != NULL) bh_put_string(entry, "logger", logger);
    bh_put(entry, "data", bh_json_read(data, strlen(data), NULL));
}

bool bh_host_cancelled(void) { return bh_the_stage.cancelled; }

void bh_host_resource_updated(const char *uri) { bh_push_string(list("updated"), uri); }

void bh_host_resources_changed(void) {
    bh_put_int(bh_the_stage.told, "changed", bh_int(bh_the_stage.told, "changed", 0) + 1);
}

bh_reply *bh_host_set_visible(bh_item kind, const char *name, bool visible) {
    static const char *const kinds[] = {"tool", "prompt", "resource"};
    bh_json *entry = bh_push_object(list("visible"));
    bh_put_string(entry, "kind", kinds[kind]);
    bh_put_string(entry, "name", name);
    bh_put_bool(entry, "visible", visible);
    return NULL;
}

void bh_host_task_status(const char *message) { bh_push_string(list("taskStatus"), message); }

void bh_host_close_stream(const uint32_t *retry_ms) { bh_push_int(list("closedStreams"), retry_ms == NULL ? 0 : *retry_ms); }

const char *bh_host_config(const char *key) { return bh_string(bh_the_stage.config, key, NULL); }

/* --- Kept values --- */

static bh_reply *kv_refused(void) {
    return bh_the_stage.grants_kv ? NULL : bh_denied("kept values are not granted to this plugin");
}

static bh_kept_value **place_of(const char *key) {
    bh_kept_value **place = &bh_the_stage.kept;
    while (*place != NULL && strcmp((*place)->key, key) != 0) place = &(*place)->next;
    return place;
}

bh_reply *bh_host_kv_get(const char *key, bh_bytes *value) {
    const bh_kept_value *found = *place_of(key);
    bh_reply *refused = kv_refused();
    if (refused == NULL && found != NULL) *value = found->value;
    return refused;
}

bh_reply *bh_host_kv_set(const char *key, bh_bytes value) {
    bh_reply *refused = kv_refused();
    if (refused != NULL) return refused;
    bh_kept_value **place = place_of(key);
    if (*place == NULL) {
        *place = bh_alloc(sizeof **place);
        (*place)->key = bh_copy(key, strlen(key));
    }
    (*place)->value = (bh_bytes){(const uint8_t *)bh_copy(value.data, value.size), value.size};
    return NULL;
}

bh_reply *bh_host_kv_delete(const char *key) {
    bh_reply *refused = kv_refused();
    bh_kept_value **place = place_of(key);
    if (refused == NULL && *place != NULL) *place = (*place)->next;
    return refused;
}

bh_reply *bh_host_kv_increment(const char *key, uint64_t by, uint64_t *now) {
    bh_bytes value = {NULL, 0};
    bh_reply *refused = bh_host_kv_get(key, &value);
    if (refused != NULL) return refused;
    uint64_t before = 0;
    if (value.size == sizeof before) memcpy(&before, value.data, sizeof before);
    *now = before + by;
    return bh_host_kv_set(key, (bh_bytes){(const uint8_t *)now, sizeof *now});
}

bh_reply *bh_host_kv_keys(bh_json *keys) {
    bh_reply *refused = kv_refused();
    if (refused != NULL) return refused;
    for (const bh_kept_value *one = bh_the_stage.kept; one != NULL; one = one->next) bh_push_string(keys, one->key);
    return NULL;
}

/* --- Upstreams --- */

bh_reply *bh_host_http(const bh_http_request *request, const bh_url *url, bh_http_response *response) {
    if (bh_the_stage.upstream == NULL) return bh_denied("this request to %s is not granted to this plugin", url->host);
    const char *problem = bh_the_stage.upstream(request, response);
    if (problem != NULL) return bh_failed("%s %s", url->host, problem);
    if (response->body.size > request->max_bytes) {
        return bh_failed("%s answered with more than %zu bytes", url->host, request->max_bytes);
    }
    response->body.data = (const uint8_t *)bh_copy(response->body.data, response->body.size);
    return NULL;
}
