/* The exports of the world: from the host's call to the SDK's dispatch, and back. */
#include <string.h>

#include "wit.h"

bool exports_bulkhead_plugin_tools_call(exports_bulkhead_plugin_tools_call_context_t *call, plugin_string_t *name,
                                        plugin_string_t *arguments, exports_bulkhead_plugin_tools_tool_reply_t *ret,
                                        exports_bulkhead_plugin_tools_error_t *err) {
    bh_context *ctx = bh_lift_context(call);
    const bh_reply *reply = bh_call_tool(ctx, bh_lift(*name), (const char *)arguments->ptr, arguments->len);
    if (reply->end == BH_END_ASKS) {
        ret->tag = EXPORTS_BULKHEAD_PLUGIN_TOOLS_TOOL_REPLY_INPUT_REQUIRED;
        ret->val.input_required = bh_lower_questions(reply);
        return true;
    }
    if (reply->end == BH_END_TASK) {
        ret->tag = EXPORTS_BULKHEAD_PLUGIN_TOOLS_TOOL_REPLY_BECOME_TASK;
        ret->val.become_task = bh_lower_option(reply->state);
        return true;
    }
    if (reply->end != BH_END_DONE) return *err = bh_lower_error(reply), false;
    bulkhead_plugin_types_content_block_t *blocks = bh_alloc(reply->count * sizeof *blocks);
    size_t count = 0;
    for (const bh_block *block = reply->first; block != NULL; block = block->next) blocks[count++] = bh_lower_block(block);
    ret->tag = EXPORTS_BULKHEAD_PLUGIN_TOOLS_TOOL_REPLY_DONE;
    ret->val.done = (exports_bulkhead_plugin_tools_tool_result_t){
        .content = {blocks, count},
        .structured = bh_lower_option(reply->structured),
        .is_error = reply->is_error,
        .meta = bh_lower_option(reply->meta),
    };
    return true;
}

bool exports_bulkhead_plugin_resources_list(exports_bulkhead_plugin_resources_call_context_t *call,
                                            plugin_string_t *maybe_cursor,
                                            exports_bulkhead_plugin_resources_resource_page_t *ret,
                                            exports_bulkhead_plugin_resources_error_t *err) {
    bh_context *ctx = bh_lift_context(call);
    ctx->cursor = bh_lift_maybe(maybe_cursor);
    const bh_reply *reply = bh_list_resources(ctx);
    if (reply->end != BH_END_DONE) return *err = bh_lower_error(reply), false;
    exports_bulkhead_plugin_resources_resource_entry_t *entries = bh_alloc(reply->count * sizeof *entries);
    exports_bulkhead_plugin_resources_resource_entry_t *to = entries;
    for (const bh_block *block = reply->first; block != NULL; block = block->next, to++) {
        to->uri = bh_lower(block->uri);
        to->name = bh_lower(block->name);
        to->description = bh_lower_option(block->description);
        to->mime_type = bh_lower_option(block->mime_type);
    }
    ret->entries = (exports_bulkhead_plugin_resources_list_resource_entry_t){entries, reply->count};
    ret->next = bh_lower_option(reply->next);
    return true;
}

static bulkhead_plugin_types_resource_contents_t lower_contents(const bh_context *ctx, const bh_block *block) {
    bulkhead_plugin_types_resource_contents_t contents = {
        .uri = bh_lower(block->uri == NULL ? ctx->uri : block->uri),
        .mime_type = bh_lower_option(block->mime_type),
        .body = {.tag = BULKHEAD_PLUGIN_TYPES_BODY_TEXT},
    };
    if (block->text != NULL) {
        contents.body.val.text = bh_lower(block->text);
    } else {
        contents.body.tag = BULKHEAD_PLUGIN_TYPES_BODY_BLOB;
        contents.body.val.blob = bh_lower_bytes(block->bytes);
    }
    return contents;
}

static exports_bulkhead_plugin_resources_resource_reading_t lower_reading(const bh_context *ctx, const bh_reply *reply) {
    bulkhead_plugin_types_resource_contents_t *contents = bh_alloc(reply->count * sizeof *contents);
    size_t count = 0;
    for (const bh_block *block = reply->first; block != NULL; block = block->next) {
        contents[count++] = lower_contents(ctx, block);
    }
    exports_bulkhead_plugin_resources_resource_reading_t reading = {
        .contents = {contents, count},
        .etag = bh_lower(reply->etag),
        .meta = bh_lower_option(reply->meta),
    };
    reading.cache.is_some = reply->cache != BH_CACHE_NONE;
    reading.cache.val.ttl_ms = reply->ttl_ms;
    reading.cache.val.scope = reply->cache == BH_CACHE_PUBLIC ? BULKHEAD_PLUGIN_TYPES_CACHE_SCOPE_PUBLIC
                                                              : BULKHEAD_PLUGIN_TYPES_CACHE_SCOPE_PRIVATE;
    return reading;
}

bool exports_bulkhead_plugin_resources_read(exports_bulkhead_plugin_resources_call_context_t *call, plugin_string_t *uri,
                                            exports_bulkhead_plugin_resources_read_reply_t *ret,
                                            exports_bulkhead_plugin_resources_error_t *err) {
    bh_context *ctx = bh_lift_context(call);
    ctx->uri = bh_lift(*uri);
    const bh_reply *reply = bh_read_resource(ctx);
    if (reply->end == BH_END_ASKS) {
        ret->tag = EXPORTS_BULKHEAD_PLUGIN_RESOURCES_READ_REPLY_INPUT_REQUIRED;
        ret->val.input_required = bh_lower_questions(reply);
        return true;
    }
    if (reply->end != BH_END_DONE) return *err = bh_lower_error(reply), false;
    ret->tag = EXPORTS_BULKHEAD_PLUGIN_RESOURCES_READ_REPLY_DONE;
    ret->val.done = lower_reading(ctx, reply);
    return true;
}

bool exports_bulkhead_plugin_resources_write(exports_bulkhead_plugin_resources_call_context_t *call, plugin_string_t *uri,
                                             exports_bulkhead_plugin_resources_body_t *contents,
                                             plugin_string_t *maybe_if_match, plugin_string_t *ret,
                                             exports_bulkhead_plugin_resources_error_t *err) {
    bh_context *ctx = bh_lift_context(call);
    ctx->uri = bh_lift(*uri);
    ctx->if_match = bh_lift_maybe(maybe_if_match);
    bool is_text = contents->tag == BULKHEAD_PLUGIN_TYPES_BODY_TEXT;
    const uint8_t *data = is_text ? contents->val.text.ptr : contents->val.blob.ptr;
    size_t size = is_text ? contents->val.text.len : contents->val.blob.len;
    ctx->body = (bh_bytes){size == 0 ? (const uint8_t *)"" : data, size};
    const bh_reply *reply = bh_write_resource(ctx);
    if (reply->end != BH_END_DONE) return *err = bh_lower_error(reply), false;
    *ret = bh_lower(reply->etag);
    return true;
}

static exports_bulkhead_plugin_prompts_prompt_result_t lower_prompt(const bh_reply *reply) {
    exports_bulkhead_plugin_prompts_prompt_message_t *messages = bh_alloc(reply->count * sizeof *messages);
    size_t count = 0;
    for (const bh_block *block = reply->first; block != NULL; block = block->next, count++) {
        messages[count].role = (bulkhead_plugin_types_role_t)block->role;
        messages[count].content = bh_lower_block(block);
    }
    return (exports_bulkhead_plugin_prompts_prompt_result_t){
        .description = bh_lower_option(reply->description),
        .messages = {messages, count},
        .meta = bh_lower_option(reply->meta),
    };
}

bool exports_bulkhead_plugin_prompts_get(exports_bulkhead_plugin_prompts_call_context_t *call, plugin_string_t *name,
                                         plugin_list_tuple2_string_string_t *arguments,
                                         exports_bulkhead_plugin_prompts_prompt_reply_t *ret,
                                         exports_bulkhead_plugin_prompts_error_t *err) {
    bh_context *ctx = bh_lift_context(call);
    const bh_reply *reply = bh_get_prompt(ctx, bh_lift(*name), bh_lift_pairs(*arguments));
    if (reply->end == BH_END_ASKS) {
        ret->tag = EXPORTS_BULKHEAD_PLUGIN_PROMPTS_PROMPT_REPLY_INPUT_REQUIRED;
        ret->val.input_required = bh_lower_questions(reply);
        return true;
    }
    if (reply->end != BH_END_DONE) return *err = bh_lower_error(reply), false;
    ret->tag = EXPORTS_BULKHEAD_PLUGIN_PROMPTS_PROMPT_REPLY_DONE;
    ret->val.done = lower_prompt(reply);
    return true;
}

static const bh_reply *complete(bh_context *ctx, const exports_bulkhead_plugin_completions_reference_t *ref,
                                const char *argument, const bh_json *filled) {
    if (ref->tag == EXPORTS_BULKHEAD_PLUGIN_COMPLETIONS_REFERENCE_PROMPT) {
        return bh_complete_prompt(ctx, bh_lift(ref->val.prompt), argument, filled);
    }
    return bh_complete_template(ctx, bh_lift(ref->val.resource), argument, filled);
}

bool exports_bulkhead_plugin_completions_complete(exports_bulkhead_plugin_completions_call_context_t *call,
                                                  exports_bulkhead_plugin_completions_reference_t *ref,
                                                  plugin_string_t *argument, plugin_string_t *value,
                                                  plugin_list_tuple2_string_string_t *context,
                                                  exports_bulkhead_plugin_completions_completion_t *ret,
                                                  exports_bulkhead_plugin_completions_error_t *err) {
    bh_context *ctx = bh_lift_context(call);
    ctx->typed = bh_lift(*value);
    const bh_reply *reply = complete(ctx, ref, bh_lift(*argument), bh_lift_pairs(*context));
    if (reply->end != BH_END_DONE) return *err = bh_lower_error(reply), false;
    plugin_string_t *values = bh_alloc(reply->count * sizeof *values);
    size_t count = 0;
    for (const bh_block *block = reply->first; block != NULL; block = block->next) values[count++] = bh_lower(block->text);
    *ret = (exports_bulkhead_plugin_completions_completion_t){.values = {values, count}};
    return true;
}

/* What is wrong with a table is told in the contract's place: whoever packs the plugin shows it. */
void exports_bulkhead_plugin_contract_describe(plugin_string_t *ret) {
    const char *problem = NULL;
    const char *contract = bh_contract(&bh_this_plugin, &problem);
    *ret = bh_lower(contract != NULL ? contract : problem);
}
