/* Looking things up in JSON, and putting it together. */
#include <string.h>

#include "call.h"

/* --- Reading --- */

bh_kind bh_kind_of(const bh_json *value) { return value == NULL ? BH_NULL : value->kind; }

const bh_json *bh_first(const bh_json *value) { return value == NULL ? NULL : value->first; }

const bh_json *bh_next(const bh_json *element) { return element == NULL ? NULL : element->next; }

const char *bh_name(const bh_json *member) { return member == NULL ? NULL : member->name; }

size_t bh_count(const bh_json *value) { return value == NULL ? 0 : value->count; }

const bh_json *bh_get(const bh_json *object, const char *name) {
    if (bh_kind_of(object) != BH_OBJECT) return NULL;
    const bh_json *member = object->first;
    while (member != NULL && strcmp(member->name, name) != 0) member = member->next;
    return member;
}

const char *bh_as_string(const bh_json *value, const char *fallback) {
    return bh_kind_of(value) == BH_STRING ? value->string : fallback;
}

int64_t bh_as_int(const bh_json *value, int64_t fallback) {
    return bh_kind_of(value) == BH_NUMBER && value->whole ? value->integer : fallback;
}

double bh_as_number(const bh_json *value, double fallback) {
    return bh_kind_of(value) == BH_NUMBER ? value->number : fallback;
}

bool bh_as_bool(const bh_json *value, bool fallback) {
    return bh_kind_of(value) == BH_BOOL ? value->truth : fallback;
}

const char *bh_string(const bh_json *object, const char *name, const char *fallback) {
    return bh_as_string(bh_get(object, name), fallback);
}

int64_t bh_int(const bh_json *object, const char *name, int64_t fallback) {
    return bh_as_int(bh_get(object, name), fallback);
}

double bh_number(const bh_json *object, const char *name, double fallback) {
    return bh_as_number(bh_get(object, name), fallback);
}

bool bh_bool(const bh_json *object, const char *name, bool fallback) {
    return bh_as_bool(bh_get(object, name), fallback);
}

/* --- Writing --- */

static bh_json *fresh(bh_kind kind) {
    bh_json *value = bh_alloc(sizeof *value);
    value->kind = kind;
    return value;
}

bh_json *bh_object(void) { return fresh(BH_OBJECT); }

bh_json *bh_array(void) { return fresh(BH_ARRAY); }

static bh_json *of_text(const char *text) {
    if (text == NULL) return fresh(BH_NULL);
    bh_json *value = fresh(BH_STRING);
    value->string = bh_copy(text, strlen(text));
    return value;
}

static bh_json *of_int(int64_t number) {
    bh_json *value = fresh(BH_NUMBER);
    value->whole = true;
    value->integer = number;
    value->number = (double)number;
    return value;
}

static bh_json *of_number(double number) {
    if (number - number != 0) return fresh(BH_NULL); /* not finite */
    bh_json *value = fresh(BH_NUMBER);
    value->number = number;
    return value;
}

static bh_json *of_bool(bool truth) {
    bh_json *value = fresh(BH_BOOL);
    value->truth = truth;
    return value;
}

static void append(bh_json *into, bh_json *element) {
    if (into->last == NULL) {
        into->first = element;
    } else {
        into->last->next = element;
    }
    into->last = element;
    into->count++;
}

static bh_json *copied(const bh_json *value, int depth) {
    if (value == NULL) return fresh(BH_NULL);
    if (depth > BH_MAX_DEPTH) __builtin_trap(); /* nothing that the host would take */
    bh_json *copy = fresh(value->kind);
    *copy = *value;
    copy->next = copy->first = copy->last = NULL;
    copy->count = 0;
    for (const bh_json *element = value->first; element != NULL; element = element->next) {
        append(copy, copied(element, depth + 1));
    }
    return copy;
}

static bh_json *added(bh_json *array, bh_json *element) {
    if (bh_kind_of(array) != BH_ARRAY) __builtin_trap(); /* the plugin's mistake */
    element->name = NULL;
    append(array, element);
    return element;
}

static bh_json *set(bh_json *object, const char *name, bh_json *value) {
    if (bh_kind_of(object) != BH_OBJECT) __builtin_trap(); /* the plugin's mistake */
    bh_json *before = (bh_json *)bh_get(object, name);
    if (before != NULL) {
        value->name = before->name;
        value->next = before->next;
        *before = *value;
        return before;
    }
    value->name = bh_copy(name, strlen(name));
    append(object, value);
    return value;
}

void bh_put(bh_json *object, const char *name, const bh_json *value) { set(object, name, copied(value, 1)); }

void bh_put_string(bh_json *object, const char *name, const char *text) { set(object, name, of_text(text)); }

void bh_put_int(bh_json *object, const char *name, int64_t number) { set(object, name, of_int(number)); }

void bh_put_number(bh_json *object, const char *name, double number) { set(object, name, of_number(number)); }

void bh_put_bool(bh_json *object, const char *name, bool truth) { set(object, name, of_bool(truth)); }

void bh_put_null(bh_json *object, const char *name) { set(object, name, fresh(BH_NULL)); }

bh_json *bh_put_object(bh_json *object, const char *name) { return set(object, name, bh_object()); }

bh_json *bh_put_array(bh_json *object, const char *name) { return set(object, name, bh_array()); }

void bh_push(bh_json *array, const bh_json *value) { added(array, copied(value, 1)); }

void bh_push_string(bh_json *array, const char *text) { added(array, of_text(text)); }

void bh_push_int(bh_json *array, int64_t number) { added(array, of_int(number)); }

void bh_push_number(bh_json *array, double number) { added(array, of_number(number)); }

void bh_push_bool(bh_json *array, bool truth) { added(array, of_bool(truth)); }

bh_json *bh_push_object(bh_json *array) { return added(array, bh_object()); }

bh_json *bh_push_array(bh_json *array) { return added(array, bh_array()); }
