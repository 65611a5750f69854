/* What goes to the host. */
#include <string.h>

#include "wit.h"

plugin_string_t bh_lower(const char *text) {
    const char *mended = bh_mended(text == NULL ? "" : text);
    return (plugin_string_t){(uint8_t *)mended, strlen(mended)};
}

plugin_option_string_t bh_lower_option(const char *text) {
    if (text == NULL) return (plugin_option_string_t){.is_some = false};
    return (plugin_option_string_t){.is_some = true, .val = bh_lower(text)};
}

plugin_list_u8_t bh_lower_bytes(bh_bytes bytes) { return (plugin_list_u8_t){(uint8_t *)bytes.data, bytes.size}; }

static bulkhead_plugin_types_media_t lower_media(const bh_block *block) {
    return (bulkhead_plugin_types_media_t){.data = bh_lower_bytes(block->bytes), .mime_type = bh_lower(block->mime_type)};
}

static bulkhead_plugin_types_resource_link_t lower_link(const bh_block *block) {
    return (bulkhead_plugin_types_resource_link_t){
        .uri = bh_lower(block->uri),
        .name = bh_lower(block->name),
        .description = bh_lower_option(block->description),
        .mime_type = bh_lower_option(block->mime_type),
    };
}

static bulkhead_plugin_types_body_t lower_body(const bh_block *block) {
    if (block->text == NULL) {
        return (bulkhead_plugin_types_body_t){.tag = BULKHEAD_PLUGIN_TYPES_BODY_BLOB, .val.blob = bh_lower_bytes(block->bytes)};
    }
    return (bulkhead_plugin_types_body_t){.tag = BULKHEAD_PLUGIN_TYPES_BODY_TEXT, .val.text = bh_lower(block->text)};
}

static bulkhead_plugin_types_resource_contents_t lower_embedded(const bh_block *block) {
    return (bulkhead_plugin_types_resource_contents_t){
        .uri = bh_lower(block->uri),
        .mime_type = bh_lower_option(block->mime_type),
        .body = lower_body(block),
    };
}

static bulkhead_plugin_types_content_t lower_content(const bh_block *block) {
    bulkhead_plugin_types_content_t content = {.tag = BULKHEAD_PLUGIN_TYPES_CONTENT_TEXT};
    switch (block->kind) {
    case BH_BLOCK_TEXT: content.val.text = bh_lower(block->text); break;
    case BH_BLOCK_IMAGE:
        content.tag = BULKHEAD_PLUGIN_TYPES_CONTENT_IMAGE;
        content.val.image = lower_media(block);
        break;
    case BH_BLOCK_AUDIO:
        content.tag = BULKHEAD_PLUGIN_TYPES_CONTENT_AUDIO;
        content.val.audio = lower_media(block);
        break;
    case BH_BLOCK_LINK:
        content.tag = BULKHEAD_PLUGIN_TYPES_CONTENT_LINK;
        content.val.link = lower_link(block);
        break;
    case BH_BLOCK_BLOB:
    case BH_BLOCK_EMBEDDED:
        content.tag = BULKHEAD_PLUGIN_TYPES_CONTENT_EMBEDDED;
        content.val.embedded = lower_embedded(block);
        break;
    }
    return content;
}

static bulkhead_plugin_types_option_annotations_t lower_annotations(const bh_block *block) {
    bulkhead_plugin_types_option_annotations_t hints = {.is_some = block->has_audience || block->has_priority};
    if (block->has_audience) {
        bulkhead_plugin_types_role_t *audience = bh_alloc(sizeof *audience);
        *audience = (bulkhead_plugin_types_role_t)block->audience;
        hints.val.audience = (bulkhead_plugin_types_list_role_t){audience, 1};
    }
    hints.val.priority = (plugin_option_f64_t){block->has_priority, block->priority};
    return hints;
}

bulkhead_plugin_types_content_block_t bh_lower_block(const bh_block *block) {
    return (bulkhead_plugin_types_content_block_t){
        .content = lower_content(block),
        .annotations = lower_annotations(block),
    };
}

bulkhead_plugin_types_input_required_t bh_lower_questions(const bh_reply *reply) {
    size_t count = 0;
    for (const bh_question *one = reply->questions; one != NULL; one = one->next) count++;
    bulkhead_plugin_types_input_request_t *requests = bh_alloc(count * sizeof *requests);
    bulkhead_plugin_types_input_request_t *to = requests;
    for (const bh_question *one = reply->questions; one != NULL; one = one->next, to++) {
        to->key = bh_lower(one->key);
        to->kind = (bulkhead_plugin_types_input_kind_t)one->kind;
        to->params = bh_lower(one->params);
    }
    return (bulkhead_plugin_types_input_required_t){
        .requests = {requests, count},
        .state = bh_lower_option(reply->state),
    };
}

static bulkhead_plugin_types_client_capabilities_t lower_client(bh_client client) {
    return (bulkhead_plugin_types_client_capabilities_t){
        .elicitation_form = client.elicitation_form,
        .elicitation_url = client.elicitation_url,
        .sampling = client.sampling,
        .sampling_tools = client.sampling_tools,
        .roots = client.roots,
        .tasks = client.tasks,
    };
}

static uint8_t tag_of(bh_end end) {
    switch (end) {
    case BH_END_INVALID: return BULKHEAD_PLUGIN_TYPES_ERROR_INVALID;
    case BH_END_NOT_FOUND: return BULKHEAD_PLUGIN_TYPES_ERROR_NOT_FOUND;
    case BH_END_CONFLICT: return BULKHEAD_PLUGIN_TYPES_ERROR_CONFLICT;
    case BH_END_DENIED: return BULKHEAD_PLUGIN_TYPES_ERROR_DENIED;
    case BH_END_MISSING: return BULKHEAD_PLUGIN_TYPES_ERROR_MISSING_CAPABILITY;
    case BH_END_PROTOCOL: return BULKHEAD_PLUGIN_TYPES_ERROR_PROTOCOL;
    default: return BULKHEAD_PLUGIN_TYPES_ERROR_FAILED;
    }
}

static const char *words_of(const bh_reply *reply) {
    switch (reply->end) {
    case BH_END_ASKS: return "this operation can ask nothing";
    case BH_END_TASK: return "only a tool can become a task";
    case BH_END_DONE: return "the plugin answered with something else than was asked for";
    default: return reply->why;
    }
}

bulkhead_plugin_types_error_t bh_lower_error(const bh_reply *reply) {
    bulkhead_plugin_types_error_t error = {.tag = tag_of(reply->end)};
    switch (reply->end) {
    case BH_END_MISSING: error.val.missing_capability = lower_client(reply->missing); break;
    case BH_END_PROTOCOL:
        error.val.protocol = (bulkhead_plugin_types_protocol_error_t){
            .code = reply->code, .message = bh_lower(reply->why), .data = bh_lower_option(reply->data)};
        break;
    default: error.val.failed = bh_lower(words_of(reply)); break; /* every other case is one text */
    }
    return error;
}
