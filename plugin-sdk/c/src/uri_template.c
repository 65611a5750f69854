/* Which URIs a template covers: `{name}` stands for one path segment's worth of text, `{+name}` for the rest of a path
 * with its slashes. */
#include <string.h>

#include "call.h"

typedef struct match {
    const char *name;
    size_t name_size;
    const char *value;
    size_t value_size;
    struct match *before;
} match;

static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static bool is_utf8(const char *text, size_t size) {
    for (size_t at = 0; at < size;) {
        size_t length = bh_utf8((const uint8_t *)text + at, size - at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

/* The byte that `text` begins with once percent-encoding is undone, and how many bytes it took; 0 if it is broken, or
 * would end a text of C. */
static size_t first_byte(const char *text, size_t size, char *byte) {
    *byte = *text;
    if (*text != '%') return *text == '\0' ? 0 : 1;
    if (size < 3) return 0;
    int high = digit(text[1]);
    int low = digit(text[2]);
    if (high < 0 || low < 0 || high + low == 0) return 0;
    *byte = (char)(high * 16 + low);
    return 3;
}

/* Whether every percent-encoding in it is whole. */
static bool is_whole(const char *text, size_t size) {
    char byte = 0;
    for (size_t at = 0; at < size;) {
        size_t taken = first_byte(text + at, size - at, &byte);
        if (taken == 0) return false;
        at += taken;
    }
    return true;
}

/* Without percent-encoding; NULL if it is not UTF-8. */
static const char *decoded(const char *text, size_t size) {
    char *to = bh_alloc(size + 1);
    size_t length = 0;
    for (size_t at = 0; at < size;) at += first_byte(text + at, size - at, &to[length++]);
    return is_utf8(to, length) ? to : NULL;
}

static bool fits(const char *pattern, const char *uri, match *before, match **found);

/* The longest value wins, so that `{+path}.txt` takes every dot but the last. */
static bool fits_variable(match *own, const char *rest, bool slashes, match **found) {
    size_t widest = slashes ? strlen(own->value) : strcspn(own->value, "/?#");
    for (size_t size = widest; size > 0; size--) {
        own->value_size = size;
        if (is_whole(own->value, size) && fits(rest, own->value + size, own, found)) return true;
        if (*rest == '\0') return false;
    }
    return false;
}

static bool fits(const char *pattern, const char *uri, match *before, match **found) {
    size_t literal = strcspn(pattern, "{");
    if (pattern[literal] == '\0') {
        *found = before;
        return strcmp(pattern, uri) == 0;
    }
    if (strncmp(pattern, uri, literal) != 0) return false;
    const char *name = pattern + literal + 1;
    bool slashes = *name == '+';
    if (slashes) name++;
    size_t name_size = strcspn(name, "}");
    if (name[name_size] == '\0') return false;
    match *own = bh_alloc(sizeof *own);
    *own = (match){.name = name, .name_size = name_size, .value = uri + literal, .before = before};
    return fits_variable(own, name + name_size + 1, slashes, found);
}

const bh_json *bh_variables(const char *pattern, const char *uri) {
    match *found = NULL;
    if (!fits(pattern, uri, NULL, &found)) return NULL;
    bh_json *variables = bh_object();
    for (; found != NULL; found = found->before) {
        const char *value = decoded(found->value, found->value_size);
        if (value == NULL) return NULL;
        bh_put_string(variables, bh_copy(found->name, found->name_size), value);
    }
    return variables;
}
