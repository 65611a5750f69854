/* JSON as a tree. Reading is strict (RFC 8259, UTF-8, no duplicate names, no U+0000, 64 levels at most).
 *
 * Every function takes NULL for "there is nothing" and then gives the fallback, so look-ups can be nested:
 * bh_string(bh_get(args, "user"), "name", "nobody").
 *
 * All of it lives as long as the call; nothing is freed. */
#ifndef BULKHEAD_JSON_H
#define BULKHEAD_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bh_json bh_json;

typedef enum bh_kind { BH_NULL, BH_BOOL, BH_NUMBER, BH_STRING, BH_ARRAY, BH_OBJECT } bh_kind;

/* JSON written in C as it is: BH_JSON({"type": "object", "properties": {"name": {"type": "string"}}}) is its text. */
#define BH_JSON(...) #__VA_ARGS__

/* The same with macros inside replaced first. Not for JSON that holds true or false: C has macros of those names. */
#define BH_JSON_OF(...) BH_JSON(__VA_ARGS__)

/* --- Reading --- */

/* The value that `size` bytes of `text` are; NULL if they are none, and then `*problem` (which may be NULL) says where
 * and why. */
const bh_json *bh_json_read(const char *text, size_t size, const char **problem);

/* What it is; BH_NULL for NULL. */
bh_kind bh_kind_of(const bh_json *value);

/* The member `name` of an object, or NULL. */
const bh_json *bh_get(const bh_json *object, const char *name);

/* A member of an object, or `fallback` if it is absent or of another kind. An integer is any number without a
 * fraction that fits into 64 bits; 2.0 is one. */
const char *bh_string(const bh_json *object, const char *name, const char *fallback);
int64_t bh_int(const bh_json *object, const char *name, int64_t fallback);
double bh_number(const bh_json *object, const char *name, double fallback);
bool bh_bool(const bh_json *object, const char *name, bool fallback);

/* A value itself, or `fallback` if it is of another kind. */
const char *bh_as_string(const bh_json *value, const char *fallback);
int64_t bh_as_int(const bh_json *value, int64_t fallback);
double bh_as_number(const bh_json *value, double fallback);
bool bh_as_bool(const bh_json *value, bool fallback);

/* How many elements an array, or members an object has; 0 for anything else. */
size_t bh_count(const bh_json *value);

/* Walks an array or an object: for (const bh_json *v = bh_first(list); v; v = bh_next(v)). */
const bh_json *bh_first(const bh_json *value);
const bh_json *bh_next(const bh_json *element);

/* The name of a member met on such a walk; NULL for an element of an array. */
const char *bh_name(const bh_json *member);

/* --- Writing --- */

bh_json *bh_object(void);
bh_json *bh_array(void);

/* Sets a member of an object; one of the same name is replaced. Text that is not UTF-8 is mended with U+FFFD, a NULL
 * text and a number that is not finite become null. */
void bh_put(bh_json *object, const char *name, const bh_json *value); /* a copy of `value` */
void bh_put_string(bh_json *object, const char *name, const char *text);
void bh_put_int(bh_json *object, const char *name, int64_t number);
void bh_put_number(bh_json *object, const char *name, double number);
void bh_put_bool(bh_json *object, const char *name, bool truth);
void bh_put_null(bh_json *object, const char *name);
bh_json *bh_put_object(bh_json *object, const char *name); /* a new one, to be filled */
bh_json *bh_put_array(bh_json *object, const char *name);  /* a new one, to be filled */

/* Adds an element to the end of an array. */
void bh_push(bh_json *array, const bh_json *value); /* a copy of `value` */
void bh_push_string(bh_json *array, const char *text);
void bh_push_int(bh_json *array, int64_t number);
void bh_push_number(bh_json *array, double number);
void bh_push_bool(bh_json *array, bool truth);
bh_json *bh_push_object(bh_json *array); /* a new one, to be filled */
bh_json *bh_push_array(bh_json *array);  /* a new one, to be filled */

/* Its text, without a blank. */
const char *bh_json_write(const bh_json *value);

#endif
