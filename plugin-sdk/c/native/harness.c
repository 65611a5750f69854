/* Whole calls, rounds of questions included, and what a test expects of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stage.h"

/* More rounds than that are a plugin that asks for ever. */
enum { MAX_ROUNDS = 32 };

/* --- The stage --- */

bh_client *bh_test_client(void) { return &bh_the_stage.client; }

static const bh_json *parsed(const char *text) {
    const char *problem = NULL;
    const bh_json *value = bh_json_read(text, strlen(text), &problem);
    if (value != NULL) return value;
    fprintf(stderr, "the test's own JSON: %s: %s\n", problem, text);
    abort();
}

void bh_test_answer(const char *key, const char *response) { bh_put(bh_the_stage.script, key, parsed(response)); }

void bh_test_accept(const char *key, const char *content) {
    bh_json *response = bh_object();
    bh_put_string(response, "action", "accept");
    bh_put(response, "content", parsed(content));
    bh_put(bh_the_stage.script, key, response);
}

void bh_test_decline(const char *key) { bh_test_answer(key, BH_JSON({"action": "decline"})); }

void bh_test_config(const char *key, const char *value) { bh_put_string(bh_the_stage.config, key, value); }

void bh_test_grant_kv(void) { bh_the_stage.grants_kv = true; }

void bh_test_cancel(void) { bh_the_stage.cancelled = true; }

void bh_test_upstream(bh_upstream *upstream) { bh_the_stage.upstream = upstream; }

const bh_json *bh_test_told(void) { return bh_the_stage.told; }

/* --- Calls --- */

/* One operation, which may take several rounds. */
typedef struct operation {
    bh_reply *(*run)(bh_context *ctx, const struct operation *operation);
    const char *name;
    const char *arguments;
    const char *argument;
    bh_context wants; /* uri, body, if_match, cursor, typed */
} operation;

static bh_context *context(const operation *op, bh_answer *answers, size_t count, const char *state, bool as_task) {
    bh_context *ctx = bh_alloc(sizeof *ctx);
    *ctx = op->wants;
    ctx->call_id = "test";
    ctx->era = BH_MODERN;
    ctx->protocol_version = "2026-07-28";
    ctx->client = bh_the_stage.client;
    ctx->wants_progress = true;
    ctx->as_task = as_task;
    ctx->call = bh_alloc(sizeof *ctx->call);
    ctx->call->answers = answers;
    ctx->call->answer_count = count;
    ctx->call->state = state;
    return ctx;
}

static const char *end_of(const bh_reply *reply) {
    static const char *const ends[] = {"done",   "invalid",  "not found", "conflict", "denied", "missing capability",
                                       "failed", "protocol", "asks",      "task"};
    return ends[reply->end];
}

static const char *text_of(const bh_reply *reply) {
    if (reply->end == BH_END_ASKS) return reply->questions->key;
    if (reply->end != BH_END_DONE) return reply->why == NULL ? "" : bh_mended(reply->why);
    const char *text = NULL;
    for (const bh_block *block = reply->first; block != NULL; block = block->next) {
        const char *piece = block->text != NULL ? block->text : block->uri;
        if (piece == NULL) continue;
        text = text == NULL ? bh_mended(piece) : bh_format("%s\n%s", text, bh_mended(piece));
    }
    return text == NULL ? "" : text;
}

static bh_result result_of(const bh_reply *reply, int rounds) {
    bh_result result = {
        .end = end_of(reply),
        .text = text_of(reply),
        .structured = reply->structured == NULL ? NULL : parsed(reply->structured),
        .is_error = reply->is_error,
        .blocks = reply->count,
        .mime_type = reply->first == NULL ? NULL : reply->first->mime_type,
        .etag = reply->etag,
        .rounds = rounds,
    };
    for (const bh_block *block = reply->first; block != NULL && result.bytes.data == NULL; block = block->next) {
        result.bytes = block->bytes;
    }
    return result;
}

/* Whether the script answers everything that is asked; the answers are added. */
static bool answer_all(const bh_reply *reply, bh_answer *answers, size_t *count) {
    for (const bh_question *question = reply->questions; question != NULL; question = question->next) {
        const bh_json *response = bh_get(bh_the_stage.script, question->key);
        if (response == NULL || *count == MAX_ROUNDS) return false;
        answers[(*count)++] = (bh_answer){question->key, bh_json_write(response)};
    }
    return true;
}

static bh_result run(const operation *op) {
    bh_answer *answers = bh_alloc(MAX_ROUNDS * sizeof *answers);
    size_t count = 0;
    const char *state = NULL;
    bool as_task = false;
    for (int round = 1; round <= MAX_ROUNDS; round++) {
        bh_reply *reply = op->run(context(op, answers, count, state, as_task), op);
        bool goes_on = reply->end == BH_END_TASK ? !as_task : reply->end == BH_END_ASKS && answer_all(reply, answers, &count);
        if (!goes_on) return result_of(reply, round);
        as_task = as_task || reply->end == BH_END_TASK;
        state = reply->state;
    }
    return result_of(bh_failed("it still asks after %d rounds", MAX_ROUNDS), MAX_ROUNDS);
}

static bh_reply *run_tool(bh_context *ctx, const operation *op) {
    return bh_call_tool(ctx, op->name, op->arguments, strlen(op->arguments));
}

static bh_reply *run_read(bh_context *ctx, const operation *op) { return (void)op, bh_read_resource(ctx); }

static bh_reply *run_write(bh_context *ctx, const operation *op) { return (void)op, bh_write_resource(ctx); }

static bh_reply *run_list(bh_context *ctx, const operation *op) { return (void)op, bh_list_resources(ctx); }

static bh_reply *run_prompt(bh_context *ctx, const operation *op) {
    return bh_get_prompt(ctx, op->name, parsed(op->arguments));
}

static bh_reply *run_complete(bh_context *ctx, const operation *op) {
    return bh_complete_prompt(ctx, op->name, op->argument, bh_object());
}

static bh_reply *run_complete_uri(bh_context *ctx, const operation *op) {
    return bh_complete_template(ctx, op->name, op->argument, bh_object());
}

bh_result bh_test_tool(const char *name, const char *arguments) {
    return run(&(operation){.run = run_tool, .name = name, .arguments = arguments});
}

bh_result bh_test_read(const char *uri) { return run(&(operation){.run = run_read, .wants = {.uri = uri}}); }

bh_result bh_test_write(const char *uri, const char *text, const char *if_match) {
    bh_bytes body = {(const uint8_t *)text, strlen(text)};
    return run(&(operation){.run = run_write, .wants = {.uri = uri, .body = body, .if_match = if_match}});
}

bh_result bh_test_list(const char *cursor) { return run(&(operation){.run = run_list, .wants = {.cursor = cursor}}); }

bh_result bh_test_prompt(const char *name, const char *arguments) {
    return run(&(operation){.run = run_prompt, .name = name, .arguments = arguments});
}

bh_result bh_test_complete(const char *prompt, const char *argument, const char *typed) {
    return run(&(operation){.run = run_complete, .name = prompt, .argument = argument, .wants = {.typed = typed}});
}

bh_result bh_test_complete_uri(const char *uri_template, const char *argument, const char *typed) {
    return run(&(operation){.run = run_complete_uri, .name = uri_template, .argument = argument, .wants = {.typed = typed}});
}

const bh_json *bh_test_contract(void) {
    const char *problem = NULL;
    const char *contract = bh_contract(&bh_this_plugin, &problem);
    if (contract != NULL) return parsed(contract);
    fprintf(stderr, "the contract: %s\n", problem);
    abort();
}

/* --- Expectations --- */

static int failures;

static void failed(const char *file, int line, const char *what, const char *how) {
    fprintf(stderr, "%s:%d: %s: %s\n", file, line, what, how);
    failures++;
}

void bh_test_expect(const char *file, int line, const char *what, bool truth) {
    if (!truth) failed(file, line, what, "is not so");
}

void bh_test_expect_text(const char *file, int line, const char *what, const char *got, const char *wanted) {
    bool same = got == NULL || wanted == NULL ? got == wanted : strcmp(got, wanted) == 0;
    if (!same) failed(file, line, what, bh_format("expected \"%s\", got \"%s\"", wanted, got));
}

void bh_test_expect_int(const char *file, int line, const char *what, int64_t got, int64_t wanted) {
    if (got != wanted) failed(file, line, what, bh_format("expected %lld, got %lld", (long long)wanted, (long long)got));
}

int bh_test_run(const bh_test *tests, size_t count) {
    size_t broken = 0;
    for (size_t i = 0; i < count; i++) {
        int before = failures;
        bh_stage_empty();
        tests[i].run();
        if (failures > before) broken++;
        printf("%s %s\n", failures > before ? "FAILED" : "ok", tests[i].name);
    }
    bh_arena_reset();
    printf("%zu of %zu tests passed\n", count - broken, count);
    return broken > 0;
}
