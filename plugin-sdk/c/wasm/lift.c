/* What comes from the host. */
#include <string.h>

#include "wit.h"

const char *bh_lift(plugin_string_t text) {
    if (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL) __builtin_trap();
    return bh_copy(text.ptr, text.len);
}

const char *bh_lift_option(plugin_option_string_t text) { return text.is_some ? bh_lift(text.val) : NULL; }

const char *bh_lift_maybe(const plugin_string_t *text) { return text == NULL ? NULL : bh_lift(*text); }

const bh_json *bh_lift_pairs(plugin_list_tuple2_string_string_t pairs) {
    bh_json *object = bh_object();
    for (size_t i = 0; i < pairs.len; i++) bh_put_string(object, bh_lift(pairs.ptr[i].f0), bh_lift(pairs.ptr[i].f1));
    return object;
}

static const bh_json *lift_json(plugin_option_string_t text) {
    return text.is_some ? bh_json_read((const char *)text.val.ptr, text.val.len, NULL) : NULL;
}

static bh_client lift_client(bulkhead_plugin_types_client_capabilities_t client) {
    return (bh_client){
        .elicitation_form = client.elicitation_form,
        .elicitation_url = client.elicitation_url,
        .sampling = client.sampling,
        .sampling_tools = client.sampling_tools,
        .roots = client.roots,
        .tasks = client.tasks,
    };
}

static bh_call *lift_memory(const bulkhead_plugin_types_call_context_t *call) {
    bh_call *memory = bh_alloc(sizeof *memory);
    bh_answer *answers = bh_alloc(call->answers.len * sizeof *answers);
    for (size_t i = 0; i < call->answers.len; i++) {
        answers[i].key = bh_lift(call->answers.ptr[i].key);
        answers[i].response = bh_lift(call->answers.ptr[i].response);
    }
    memory->answers = answers;
    memory->answer_count = call->answers.len;
    memory->state = bh_lift_option(call->state);
    return memory;
}

bh_context *bh_lift_context(const bulkhead_plugin_types_call_context_t *call) {
    bh_context *ctx = bh_alloc(sizeof *ctx);
    ctx->call_id = bh_lift(call->call_id);
    ctx->era = (bh_era)call->era;
    ctx->protocol_version = bh_lift(call->protocol_version);
    ctx->client = lift_client(call->client);
    ctx->log_level = call->log_level.is_some ? (bh_level)call->log_level.val : BH_SILENT;
    ctx->wants_progress = call->progress;
    ctx->as_task = call->as_task;
    if (call->trace.is_some) ctx->traceparent = bh_lift(call->trace.val.traceparent);
    if (call->root.is_some) {
        ctx->root = bh_lift(call->root.val.id);
        ctx->workspace = bh_lift_option(call->root.val.workspace);
    }
    ctx->sampling = lift_json(call->sampling);
    ctx->meta = lift_json(call->meta);
    ctx->call = lift_memory(call);
    return ctx;
}
