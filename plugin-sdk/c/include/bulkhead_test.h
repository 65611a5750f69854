/* Tests of a plugin that run natively, without a host.
 *
 *     #include "bulkhead_test.h"
 *
 *     static void greets(void) {
 *         bh_result result = bh_test_tool("greet", BH_JSON({"name": "Ann"}));
 *         BH_EXPECT_TEXT(result.text, "Hello, Ann.");
 *     }
 *
 *     BH_TESTS(BH_TEST(greets))
 *
 * Compile it together with the plugin, src/, native/ and http/http.c, with -DBH_CHUNK_BYTES=0 and
 * -fsanitize=address,undefined. Before each test the stage is empty: a client that can do everything and answers
 * nothing, an operator who granted nothing. */
#ifndef BULKHEAD_TEST_H
#define BULKHEAD_TEST_H

#include "bulkhead.h"

/* How a call ended, after all its rounds. */
typedef struct bh_result {
    const char *end;           /* "done", "invalid", "not found", "conflict", "denied", "missing capability", "failed",
                                  "protocol", or "asks": a question that no answer was given for */
    const char *text;          /* of all text blocks, one a line; why, if it is not done; the question's key */
    const bh_json *structured; /* NULL if there is none */
    bool is_error;
    size_t blocks;
    bh_bytes bytes;        /* of the first block that holds bytes */
    const char *mime_type; /* of the first block */
    const char *etag;
    int rounds;
} bh_result;

/* --- The client and the operator --- */

/* What the client can do: everything, unless it is changed. */
bh_client *bh_test_client(void);

/* The protocol's answer to the question `key`, as JSON; the user fills in a form, or says no. */
void bh_test_answer(const char *key, const char *response);
void bh_test_accept(const char *key, const char *content);
void bh_test_decline(const char *key);

/* The operator configures `key`; grants kept values. */
void bh_test_config(const char *key, const char *value);
void bh_test_grant_kv(void);

/* The caller gives up before the call looks. */
void bh_test_cancel(void);

/* What answers requests. It fills in the response and gives NULL, or says why there is none. Without it every request
 * is denied. */
typedef const char *bh_upstream(const bh_http_request *request, bh_http_response *response);
void bh_test_upstream(bh_upstream *upstream);

/* --- Calls --- */

bh_result bh_test_tool(const char *name, const char *arguments);
bh_result bh_test_read(const char *uri);
bh_result bh_test_write(const char *uri, const char *text, const char *if_match);
bh_result bh_test_list(const char *cursor);
bh_result bh_test_prompt(const char *name, const char *arguments);
bh_result bh_test_complete(const char *prompt, const char *argument, const char *typed);
bh_result bh_test_complete_uri(const char *uri_template, const char *argument, const char *typed);

/* The contract; ends the test if a schema is not JSON. */
const bh_json *bh_test_contract(void);

/* What the plugin told its host so far: {"progress": [{"progress", "total", "message"}], "log": [{"level", "logger",
 * "data"}], "updated": [uri], "changed": count, "visible": [...], "taskStatus": [...]}. */
const bh_json *bh_test_told(void);

/* --- Expectations --- */

typedef struct bh_test {
    const char *name;
    void (*run)(void);
} bh_test;

#define BH_TEST(function) {#function, function}
#define BH_TESTS(...)                                              \
    int main(void) {                                               \
        const bh_test tests[] = {__VA_ARGS__};                     \
        return bh_test_run(tests, sizeof tests / sizeof *tests);   \
    }
#define BH_EXPECT(truth) bh_test_expect(__FILE__, __LINE__, #truth, (truth))
#define BH_EXPECT_TEXT(got, wanted) bh_test_expect_text(__FILE__, __LINE__, #got, (got), (wanted))
#define BH_EXPECT_INT(got, wanted) bh_test_expect_int(__FILE__, __LINE__, #got, (got), (wanted))

/* Runs the tests; 1 if one failed, else 0. */
int bh_test_run(const bh_test *tests, size_t count);
void bh_test_expect(const char *file, int line, const char *what, bool truth);
void bh_test_expect_text(const char *file, int line, const char *what, const char *got, const char *wanted);
void bh_test_expect_int(const char *file, int line, const char *what, int64_t got, int64_t wanted);

#endif
