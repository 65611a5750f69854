/* From a request to the function that answers it. */
#include <string.h>
#include <strings.h>

#include "call.h"

static bh_reply *answer(bh_function *function, bh_context *ctx, const bh_json *args) {
    bh_reply *reply = function(ctx, args);
    return reply == NULL ? bh_failed("the plugin gave no answer") : reply;
}

/* --- Tools --- */

static const bh_tool *tool_named(const char *name) {
    const bh_tool *tool = bh_this_plugin.tools;
    while (tool != NULL && tool->name != NULL && strcmp(tool->name, name) != 0) tool++;
    return tool == NULL || tool->name == NULL ? NULL : tool;
}

static bool wants_task(const bh_context *ctx, const bh_tool *tool) {
    if (tool->task == NULL || ctx->as_task) return false;
    return ctx->client.tasks || strcmp(tool->task, "required") == 0;
}

bh_reply *bh_call_tool(bh_context *ctx, const char *name, const char *arguments, size_t size) {
    const bh_tool *tool = tool_named(name);
    if (tool == NULL) return bh_not_found("there is no tool \"%s\"", name);
    const char *problem = "no object";
    const bh_json *args = bh_json_read(arguments, size, &problem);
    if (bh_kind_of(args) != BH_OBJECT) return bh_invalid("the arguments: %s", problem);
    return wants_task(ctx, tool) ? bh_become_task(ctx) : answer(tool->call, ctx, args);
}

/* --- Resources --- */

/* What is at a URI: at most one of a resource and a scheme is set. */
typedef struct target {
    const bh_resource *resource;
    const bh_scheme *scheme;
    const bh_json *variables;
} target;

static bool has_scheme(const char *uri, const char *scheme) {
    size_t length = strlen(scheme);
    return strncasecmp(uri, scheme, length) == 0 && uri[length] == ':';
}

static target target_at(const char *uri) {
    target found = {.variables = bh_object()};
    for (const bh_resource *one = bh_this_plugin.resources; one != NULL && one->uri != NULL; one++) {
        if (strcmp(one->uri, uri) == 0) return found.resource = one, found;
    }
    for (const bh_resource *one = bh_this_plugin.templates; one != NULL && one->uri != NULL; one++) {
        const bh_json *variables = bh_variables(one->uri, uri);
        if (variables != NULL) return (target){.resource = one, .variables = variables};
    }
    for (const bh_scheme *one = bh_this_plugin.schemes; one != NULL && one->scheme != NULL; one++) {
        if (has_scheme(uri, one->scheme)) return found.scheme = one, found;
    }
    return found;
}

static bh_reply *no_resource(const bh_context *ctx) { return bh_not_found("there is no resource at %s", ctx->uri); }

/* A reading always has an etag, and its contents the type that the contract says. */
static bh_reply *completed(bh_reply *reading, const bh_resource *resource) {
    if (reading->end != BH_END_DONE) return reading;
    if (reading->structured != NULL && reading->first == NULL) {
        bh_add_text(reading, reading->structured);
        reading->first->mime_type = "application/json";
    }
    if (reading->first == NULL) return bh_failed("the plugin read nothing");
    if (reading->first->mime_type == NULL && resource != NULL) reading->first->mime_type = resource->mime_type;
    if (reading->etag == NULL) reading->etag = bh_etag_of(reading);
    return reading;
}

bh_reply *bh_read_resource(bh_context *ctx) {
    target at = target_at(ctx->uri);
    bh_function *read = at.resource != NULL ? at.resource->read : at.scheme != NULL ? at.scheme->read : NULL;
    return read == NULL ? no_resource(ctx) : completed(answer(read, ctx, at.variables), at.resource);
}

bh_reply *bh_write_resource(bh_context *ctx) {
    target at = target_at(ctx->uri);
    if (at.resource == NULL && at.scheme == NULL) return no_resource(ctx);
    bh_function *write = at.resource != NULL ? at.resource->write : at.scheme->write;
    if (write == NULL) return bh_denied("%s cannot be written", ctx->uri);
    bh_reply *reply = answer(write, ctx, at.variables);
    if (reply->end == BH_END_DONE && reply->etag == NULL) return bh_failed("the plugin gave no etag of what it wrote");
    return reply;
}

bh_reply *bh_list_resources(bh_context *ctx) {
    return bh_this_plugin.list == NULL ? bh_list(NULL) : answer(bh_this_plugin.list, ctx, bh_object());
}

/* --- Prompts and completions --- */

static const bh_prompt *prompt_named(const char *name) {
    const bh_prompt *prompt = bh_this_plugin.prompts;
    while (prompt != NULL && prompt->name != NULL && strcmp(prompt->name, name) != 0) prompt++;
    return prompt == NULL || prompt->name == NULL ? NULL : prompt;
}

static const char *first_missing(const bh_argument *arguments, const bh_json *given) {
    for (const bh_argument *one = arguments; one != NULL && one->name != NULL; one++) {
        if (one->required && bh_get(given, one->name) == NULL) return one->name;
    }
    return NULL;
}

bh_reply *bh_get_prompt(bh_context *ctx, const char *name, const bh_json *arguments) {
    const bh_prompt *prompt = prompt_named(name);
    if (prompt == NULL) return bh_not_found("there is no prompt \"%s\"", name);
    const char *missing = first_missing(prompt->arguments, arguments);
    if (missing != NULL) return bh_invalid("the argument \"%s\" is missing", missing);
    bh_reply *reply = answer(prompt->get, ctx, arguments);
    if (reply->end == BH_END_DONE && reply->description == NULL) bh_describe(reply, prompt->description);
    return reply;
}

static bh_reply *suggested(bh_context *ctx, const bh_argument *arguments, const char *name, const bh_json *filled) {
    for (const bh_argument *one = arguments; one != NULL && one->name != NULL; one++) {
        if (one->complete != NULL && strcmp(one->name, name) == 0) return answer(one->complete, ctx, filled);
    }
    return bh_list(NULL);
}

bh_reply *bh_complete_prompt(bh_context *ctx, const char *name, const char *argument, const bh_json *filled) {
    const bh_prompt *prompt = prompt_named(name);
    return suggested(ctx, prompt == NULL ? NULL : prompt->arguments, argument, filled);
}

bh_reply *bh_complete_template(bh_context *ctx, const char *uri, const char *argument, const bh_json *filled) {
    const bh_resource *one = bh_this_plugin.templates;
    while (one != NULL && one->uri != NULL && strcmp(one->uri, uri) != 0) one++;
    return suggested(ctx, one == NULL || one->uri == NULL ? NULL : one->variables, argument, filled);
}
