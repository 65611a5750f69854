/* What a running call tells its caller. */
#include <stdarg.h>

#include "host.h"

void bh_progress(bh_context *ctx, double progress, double total, const char *message) {
    if (ctx->wants_progress) bh_host_progress(progress, total > 0 ? &total : NULL, message);
}

void bh_log_json(bh_context *ctx, bh_level level, const char *logger, const bh_json *data) {
    if (level >= ctx->log_level) bh_host_log(level, logger, bh_json_write(data));
}

void bh_log(bh_context *ctx, bh_level level, const char *format, ...) {
    if (level < ctx->log_level) return;
    va_list values;
    va_start(values, format);
    bh_json *line = bh_array();
    bh_push_string(line, bh_vformat(format, values));
    va_end(values);
    bh_log_json(ctx, level, NULL, bh_first(line));
}

bool bh_cancelled(bh_context *ctx) {
    (void)ctx;
    return bh_host_cancelled();
}

void bh_task_status(bh_context *ctx, const char *message) {
    (void)ctx;
    bh_host_task_status(message);
}

void bh_resource_updated(bh_context *ctx, const char *uri) {
    (void)ctx;
    bh_host_resource_updated(uri);
}

void bh_resources_changed(bh_context *ctx) {
    (void)ctx;
    bh_host_resources_changed();
}

bool bh_set_visible(bh_context *ctx, bh_item kind, const char *name, bool visible) {
    ctx->call->problem = bh_host_set_visible(kind, name, visible);
    return ctx->call->problem == NULL;
}

void bh_close_stream(bh_context *ctx, uint32_t retry_ms) {
    (void)ctx;
    bh_host_close_stream(retry_ms == 0 ? NULL : &retry_ms);
}
