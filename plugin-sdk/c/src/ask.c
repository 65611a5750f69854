/* Questions to the user, a model, and for the user's folders. A call ends at a question without an answer and is made
 * again, from its start, with the answer. */
#include <string.h>

#include "call.h"

/* How much a model may write unless the plugin says. */
enum { BH_DEFAULT_MAX_TOKENS = 1024 };

/* JSON-RPC's "invalid params": an answer that has not the shape it must have. */
enum { BH_INVALID_PARAMS = -32602 };

static const bh_answer *answer_to(const bh_call *call, const char *key) {
    for (size_t i = call->answer_count; i > 0; i--) {
        if (strcmp(call->answers[i - 1].key, key) == 0) return &call->answers[i - 1];
    }
    return NULL;
}

static void ask(bh_call *call, const char *key, bh_question_kind kind, const bh_json *params) {
    bh_question *question = bh_alloc(sizeof *question);
    question->key = bh_copy(key, strlen(key));
    question->kind = kind;
    question->params = bh_json_write(params);
    if (call->last_question == NULL) {
        call->questions = question;
    } else {
        call->last_question->next = question;
    }
    call->last_question = question;
}

static const bh_json *misfit(bh_context *ctx, const char *key, const char *problem) {
    const char *why = bh_format("the answer to \"%s\" does not fit: %s", key, problem);
    ctx->call->problem = bh_protocol_error(BH_INVALID_PARAMS, why, NULL);
    return NULL;
}

/* The answer to `key`: an object. NULL: it is asked, or it does not fit. */
static const bh_json *answered(bh_context *ctx, const char *key, bh_question_kind kind, const bh_json *params) {
    const bh_answer *answer = answer_to(ctx->call, key);
    if (answer == NULL) {
        ask(ctx->call, key, kind, params);
        return NULL;
    }
    const char *problem = "no object";
    const bh_json *response = bh_json_read(answer->response, strlen(answer->response), &problem);
    return bh_kind_of(response) == BH_OBJECT ? response : misfit(ctx, key, problem);
}

/* --- The user --- */

static bh_action action_of(const bh_json *response) {
    const char *action = bh_string(response, "action", "");
    if (strcmp(action, "accept") == 0) return BH_ACCEPTED;
    if (strcmp(action, "decline") == 0) return BH_DECLINED;
    if (strcmp(action, "cancel") == 0) return BH_CANCELLED;
    return BH_PENDING;
}

static bh_elicited elicited(bh_context *ctx, const char *key, const bh_json *params) {
    const bh_json *response = answered(ctx, key, BH_ELICITATION, params);
    bh_elicited result = {.action = action_of(response)};
    if (response != NULL && result.action == BH_PENDING) misfit(ctx, key, "no action");
    if (result.action == BH_ACCEPTED) result.content = bh_get(response, "content");
    return result;
}

static bh_elicited lacking(bh_context *ctx, bh_client missing) {
    ctx->call->problem = bh_ended(BH_END_MISSING, "the client cannot do this");
    ctx->call->problem->missing = missing;
    return (bh_elicited){.action = BH_PENDING};
}

bh_elicited bh_elicit(bh_context *ctx, const char *key, const char *message, const char *schema) {
    if (!ctx->client.elicitation_form) return lacking(ctx, (bh_client){.elicitation_form = true});
    bh_json *params = bh_object();
    bh_put_string(params, "mode", "form");
    bh_put_string(params, "message", message);
    const char *problem = NULL;
    const bh_json *read = bh_json_read(schema, strlen(schema), &problem);
    if (read == NULL) {
        ctx->call->problem = bh_failed("the form \"%s\" is not JSON: %s", key, problem);
        return (bh_elicited){.action = BH_PENDING};
    }
    bh_put(params, "requestedSchema", read);
    return elicited(ctx, key, params);
}

bh_elicited bh_elicit_url(bh_context *ctx, const char *key, const char *message, const char *url) {
    if (!ctx->client.elicitation_url) return lacking(ctx, (bh_client){.elicitation_url = true});
    bh_json *params = bh_object();
    bh_put_string(params, "mode", "url");
    bh_put_string(params, "message", message);
    bh_put_string(params, "url", url);
    return elicited(ctx, key, params);
}

/* --- A model --- */

/* Parameters that a root may set for its sampling, unless the plugin does. */
static void take_over(bh_json *params, const bh_json *of_root) {
    static const char *const names[] = {"temperature", "stopSequences", "systemPrompt", "modelPreferences", "maxTokens"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const bh_json *value = bh_get(of_root, names[i]);
        if (value != NULL && bh_get(params, names[i]) == NULL) bh_put(params, names[i], value);
    }
}

const bh_json *bh_sample(bh_context *ctx, const char *key, const bh_json *params) {
    if (!ctx->client.sampling) {
        lacking(ctx, (bh_client){.sampling = true});
        return NULL;
    }
    bh_json *whole = bh_object();
    for (const bh_json *member = bh_first(params); member != NULL; member = bh_next(member)) {
        bh_put(whole, bh_name(member), member);
    }
    take_over(whole, ctx->sampling);
    if (bh_get(whole, "maxTokens") == NULL) bh_put_int(whole, "maxTokens", BH_DEFAULT_MAX_TOKENS);
    return answered(ctx, key, BH_SAMPLING, whole);
}

static const char *all_text(const bh_json *content) {
    const char *text = bh_kind_of(content) == BH_OBJECT ? bh_string(content, "text", "") : "";
    if (bh_kind_of(content) != BH_ARRAY) return text;
    for (const bh_json *block = bh_first(content); block != NULL; block = bh_next(block)) {
        text = bh_format("%s%s", text, bh_string(block, "text", ""));
    }
    return text;
}

const char *bh_sample_text(bh_context *ctx, const char *key, const char *prompt) {
    bh_json *params = bh_object();
    bh_json *message = bh_push_object(bh_put_array(params, "messages"));
    bh_put_string(message, "role", "user");
    bh_json *content = bh_put_object(message, "content");
    bh_put_string(content, "type", "text");
    bh_put_string(content, "text", prompt);
    const bh_json *response = bh_sample(ctx, key, params);
    return response == NULL ? NULL : all_text(bh_get(response, "content"));
}

/* --- The user's folders --- */

const bh_json *bh_roots(bh_context *ctx, const char *key) {
    if (!ctx->client.roots) {
        lacking(ctx, (bh_client){.roots = true});
        return NULL;
    }
    const bh_json *response = answered(ctx, key, BH_ROOTS, bh_object());
    if (response == NULL) return NULL;
    const bh_json *roots = bh_get(response, "roots");
    return bh_kind_of(roots) == BH_ARRAY ? roots : misfit(ctx, key, "no array of roots");
}

/* --- Stopping here --- */

bh_reply *bh_stop(bh_context *ctx) {
    bh_call *call = ctx->call;
    if (call->problem != NULL) return call->problem;
    if (call->questions == NULL) return bh_failed("the plugin stopped without a reason");
    bh_reply *problem = NULL;
    bh_reply *reply = bh_ended(BH_END_ASKS, NULL);
    reply->questions = call->questions;
    reply->state = bh_sealed(ctx, &problem);
    return problem == NULL ? reply : problem;
}

const char *bh_problem(bh_context *ctx) {
    const bh_reply *problem = ctx->call->problem;
    return problem == NULL || problem->why == NULL ? "" : problem->why;
}

bh_reply *bh_become_task(bh_context *ctx) {
    if (!ctx->client.tasks) {
        lacking(ctx, (bh_client){.tasks = true});
        return ctx->call->problem;
    }
    bh_reply *problem = NULL;
    bh_reply *reply = bh_ended(BH_END_TASK, NULL);
    reply->state = bh_sealed(ctx, &problem);
    return problem == NULL ? reply : problem;
}
