/* What the SDK's own files share. */
#ifndef BH_CALL_H
#define BH_CALL_H

#include "bulkhead.h"

/* A value of JSON, and its place in the array or object that holds it. */
struct bh_json {
    bh_kind kind;
    const char *name; /* in an object */
    bh_json *next;
    bh_json *first;
    bh_json *last;
    size_t count;
    const char *string;
    double number;
    int64_t integer;
    bool whole; /* `integer` is exactly the number */
    bool truth;
};

/* As much nesting as the host takes; it also bounds how deep the reader and the writer recurse. */
enum { BH_MAX_DEPTH = 64 };

/* A question that the client has to answer. */
typedef enum bh_question_kind { BH_ELICITATION, BH_SAMPLING, BH_ROOTS } bh_question_kind;

typedef struct bh_question {
    const char *key;
    bh_question_kind kind;
    const char *params;
    struct bh_question *next;
} bh_question;

typedef struct bh_answer {
    const char *key;
    const char *response;
} bh_answer;

/* A block of a tool's answer, a message, an entry of a listing, a suggestion. */
typedef enum bh_block_kind { BH_BLOCK_TEXT, BH_BLOCK_IMAGE, BH_BLOCK_AUDIO, BH_BLOCK_BLOB, BH_BLOCK_LINK, BH_BLOCK_EMBEDDED } bh_block_kind;

typedef struct bh_block {
    bh_block_kind kind;
    const char *text;
    bh_bytes bytes;
    const char *mime_type;
    const char *uri;
    const char *name;
    const char *description;
    bh_role role;
    bool has_audience;
    bh_role audience;
    bool has_priority;
    double priority;
    struct bh_block *next;
} bh_block;

typedef enum bh_end {
    BH_END_DONE,
    BH_END_INVALID,
    BH_END_NOT_FOUND,
    BH_END_CONFLICT,
    BH_END_DENIED,
    BH_END_MISSING,
    BH_END_FAILED,
    BH_END_PROTOCOL,
    BH_END_ASKS,
    BH_END_TASK,
} bh_end;

typedef enum bh_cache { BH_CACHE_NONE, BH_CACHE_PUBLIC, BH_CACHE_PRIVATE } bh_cache;

struct bh_reply {
    bh_end end;
    const char *why; /* of an error */
    bh_client missing;
    int32_t code;
    const char *data;
    bh_question *questions;
    const char *state; /* for the next round */
    bh_block *first;
    bh_block *last;
    size_t count;
    const char *structured;
    bool is_error;
    const char *meta;
    const char *description;
    const char *etag;
    bh_cache cache;
    uint64_t ttl_ms;
    const char *next;
};

/* What a call remembers while it runs. */
typedef struct bh_call {
    const bh_answer *answers;
    size_t answer_count;
    const char *state;
    bh_json *kept; /* `state`, read when it is first needed */
    bool kept_changed;
    bh_question *questions;
    bh_question *last_question;
    bh_reply *problem;
} bh_call;

/* --- arena.c --- */
void bh_arena_reset(void);

/* --- text.c --- */
char *bh_vformat(const char *format, __builtin_va_list values) BH_PRINTF(1, 0);
/* How long the UTF-8 sequence at `text` is; 0 if it is none. */
size_t bh_utf8(const uint8_t *text, size_t size);
/* `text`, or a copy with U+FFFD for what is not UTF-8. */
const char *bh_mended(const char *text);
bool bh_starts(const char *text, const char *with);

/* --- reply.c --- */
bh_reply *bh_ended(bh_end end, const char *why);

/* --- kept.c --- */
const char *bh_sealed(bh_context *ctx, bh_reply **problem);

/* --- uri_template.c --- */
/* The variables of `uri` as an object of texts if it fits `pattern`, else NULL. */
const bh_json *bh_variables(const char *pattern, const char *uri);

/* --- etag.c --- */
const char *bh_etag_of(const bh_reply *reply);

/* --- contract.c --- */
/* The contract as JSON text; NULL if a text in the tables is not the JSON that it must be, and then `*problem` says
 * which. */
const char *bh_contract(const bh_plugin *plugin, const char **problem);

/* --- dispatch.c: never NULL --- */
bh_reply *bh_call_tool(bh_context *ctx, const char *name, const char *arguments, size_t size);
bh_reply *bh_read_resource(bh_context *ctx);
bh_reply *bh_write_resource(bh_context *ctx);
bh_reply *bh_list_resources(bh_context *ctx);
bh_reply *bh_get_prompt(bh_context *ctx, const char *name, const bh_json *arguments);
bh_reply *bh_complete_prompt(bh_context *ctx, const char *name, const char *argument, const bh_json *filled);
bh_reply *bh_complete_template(bh_context *ctx, const char *uri, const char *argument, const bh_json *filled);

#endif
