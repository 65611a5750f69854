/* What a plugin answers. */
#include <stdarg.h>
#include <string.h>

#include "call.h"

bh_reply *bh_ended(bh_end end, const char *why) {
    bh_reply *reply = bh_alloc(sizeof *reply);
    reply->end = end;
    reply->why = why;
    return reply;
}

static bh_reply *done(void) { return bh_ended(BH_END_DONE, NULL); }

static bh_block *add(bh_reply *reply, bh_block_kind kind) {
    bh_block *block = bh_alloc(sizeof *block);
    block->kind = kind;
    if (reply->last == NULL) {
        reply->first = block;
    } else {
        reply->last->next = block;
    }
    reply->last = block;
    reply->count++;
    return block;
}

static const char *kept(const char *text) { return text == NULL ? NULL : bh_copy(text, strlen(text)); }

static void add_bytes(bh_reply *reply, bh_block_kind kind, const void *data, size_t size, const char *mime_type) {
    bh_block *block = add(reply, kind);
    block->bytes = (bh_bytes){data, size};
    block->mime_type = kept(mime_type);
}

void bh_add_text(bh_reply *reply, const char *text) { add(reply, BH_BLOCK_TEXT)->text = kept(text == NULL ? "" : text); }

void bh_add_image(bh_reply *reply, const void *data, size_t size, const char *mime_type) {
    add_bytes(reply, BH_BLOCK_IMAGE, data, size, mime_type);
}

void bh_add_audio(bh_reply *reply, const void *data, size_t size, const char *mime_type) {
    add_bytes(reply, BH_BLOCK_AUDIO, data, size, mime_type);
}

void bh_add_link(bh_reply *reply, const char *uri, const char *name, const char *mime_type) {
    bh_block *block = add(reply, BH_BLOCK_LINK);
    block->uri = kept(uri);
    block->name = kept(name);
    block->mime_type = kept(mime_type);
}

void bh_add_embedded(bh_reply *reply, const char *uri, const char *mime_type, const char *text) {
    bh_block *block = add(reply, BH_BLOCK_EMBEDDED);
    block->uri = kept(uri);
    block->mime_type = kept(mime_type);
    block->text = kept(text);
}

void bh_add_embedded_blob(bh_reply *reply, const char *uri, const char *mime_type, const void *data, size_t size) {
    bh_block *block = add(reply, BH_BLOCK_EMBEDDED);
    block->uri = kept(uri);
    block->mime_type = kept(mime_type);
    block->bytes = (bh_bytes){data, size};
}

bh_reply *bh_text(const char *text) {
    bh_reply *reply = done();
    bh_add_text(reply, text);
    return reply;
}

bh_reply *bh_textf(const char *format, ...) {
    va_list values;
    va_start(values, format);
    bh_reply *reply = bh_text(bh_vformat(format, values));
    va_end(values);
    return reply;
}

bh_reply *bh_structured(const bh_json *value) {
    bh_reply *reply = done();
    reply->structured = bh_json_write(value);
    return reply;
}

bh_reply *bh_image(const void *data, size_t size, const char *mime_type) {
    bh_reply *reply = done();
    bh_add_image(reply, data, size, mime_type);
    return reply;
}

bh_reply *bh_audio(const void *data, size_t size, const char *mime_type) {
    bh_reply *reply = done();
    bh_add_audio(reply, data, size, mime_type);
    return reply;
}

bh_reply *bh_blob(const void *data, size_t size, const char *mime_type) {
    bh_reply *reply = done();
    add_bytes(reply, BH_BLOCK_BLOB, data, size, mime_type);
    return reply;
}

void bh_says(bh_reply *reply, bh_role role) {
    if (reply->last != NULL) reply->last->role = role;
}

void bh_audience(bh_reply *reply, bh_role role) {
    if (reply->last == NULL) return;
    reply->last->has_audience = true;
    reply->last->audience = role;
}

void bh_priority(bh_reply *reply, double priority) {
    if (reply->last == NULL) return;
    reply->last->has_priority = true;
    reply->last->priority = priority;
}

void bh_meta(bh_reply *reply, const bh_json *meta) { reply->meta = bh_json_write(meta); }

void bh_describe(bh_reply *reply, const char *description) { reply->description = kept(description); }

void bh_etag(bh_reply *reply, const char *etag) { reply->etag = kept(etag); }

void bh_cache_public(bh_reply *reply, uint64_t ttl_ms) {
    reply->cache = BH_CACHE_PUBLIC;
    reply->ttl_ms = ttl_ms;
}

void bh_cache_private(bh_reply *reply, uint64_t ttl_ms) {
    reply->cache = BH_CACHE_PRIVATE;
    reply->ttl_ms = ttl_ms;
}

bh_reply *bh_error(const char *format, ...) {
    va_list values;
    va_start(values, format);
    bh_reply *reply = bh_text(bh_vformat(format, values));
    va_end(values);
    reply->is_error = true;
    return reply;
}

#define BH_FAILURE(function, end)                                    \
    bh_reply *function(const char *format, ...) {                    \
        va_list values;                                              \
        va_start(values, format);                                    \
        bh_reply *reply = bh_ended(end, bh_vformat(format, values)); \
        va_end(values);                                              \
        return reply;                                                \
    }

BH_FAILURE(bh_invalid, BH_END_INVALID)
BH_FAILURE(bh_not_found, BH_END_NOT_FOUND)
BH_FAILURE(bh_conflict, BH_END_CONFLICT)
BH_FAILURE(bh_denied, BH_END_DENIED)
BH_FAILURE(bh_failed, BH_END_FAILED)

bh_reply *bh_protocol_error(int32_t code, const char *message, const bh_json *data) {
    bh_reply *reply = bh_ended(BH_END_PROTOCOL, kept(message));
    reply->code = code;
    reply->data = data == NULL ? NULL : bh_json_write(data);
    return reply;
}

bh_reply *bh_written(const char *etag) {
    bh_reply *reply = done();
    reply->etag = kept(etag);
    return reply;
}

bh_reply *bh_if_match(bh_context *ctx, const char *current) {
    if (ctx->if_match == NULL) return NULL;
    if (current == NULL) return bh_conflict("it does not exist");
    if (strcmp(ctx->if_match, "*") == 0 || strcmp(ctx->if_match, current) == 0) return NULL;
    return bh_conflict("it has changed: its etag is %s now", current);
}

bh_reply *bh_list(const char *next) {
    bh_reply *reply = done();
    reply->next = kept(next);
    return reply;
}

void bh_entry(bh_reply *list, const char *uri, const char *name, const char *mime_type, const char *description) {
    bh_add_link(list, uri, name, mime_type);
    list->last->description = kept(description);
}

bh_reply *bh_starting(bh_context *ctx, const char *const *values) {
    bh_reply *reply = done();
    for (const char *const *value = values; *value != NULL; value++) {
        if (bh_starts(*value, ctx->typed)) bh_add_text(reply, *value);
    }
    return reply;
}
