/* printf's conversions, all but %n, %a, %p, wide characters and long double, without printf: that one brings standard
 * output along, and with it the imports of a file system. An unknown conversion ends the call. */
#include <stdarg.h>
#include <string.h>

#include "call.h"
#include "decimal.h"

typedef struct output {
    char *text;
    size_t size;
    size_t room;
} output;

typedef struct spec {
    bool left;
    bool zeros;
    bool plus;
    bool space;
    bool alternate;
    int width;
    int precision; /* -1: none */
    char conversion;
} spec;

static void put(output *out, const char *text, size_t size) {
    if (size == 0) return;
    if (size > SIZE_MAX / 4 - out->size) __builtin_trap();
    if (out->size + size > out->room) {
        char *before = out->text;
        out->room = (out->size + size) * 2 + 64;
        out->text = bh_alloc(out->room);
        if (out->size > 0) memcpy(out->text, before, out->size);
    }
    memcpy(out->text + out->size, text, size);
    out->size += size;
}

static void repeat(output *out, char c, int times) {
    for (; times > 0; times--) put(out, &c, 1);
}

/* A sign or a prefix, zeros, and the rest, in a field of the width that is wanted. */
static void put_field(output *out, const spec *s, const char *prefix, int zeros, const char *text, size_t size) {
    if (size > INT32_MAX / 2) __builtin_trap();
    int length = (int)strlen(prefix) + zeros + (int)size;
    if (s->zeros && !s->left && s->width > length) zeros += s->width - length;
    int blanks = s->width - (int)strlen(prefix) - zeros - (int)size;
    if (!s->left) repeat(out, ' ', blanks);
    put(out, prefix, strlen(prefix));
    repeat(out, '0', zeros);
    put(out, text, size);
    if (s->left) repeat(out, ' ', blanks);
}

static const char *sign(const spec *s, bool negative) {
    return negative ? "-" : s->plus ? "+" : s->space ? " " : "";
}

/* --- Integers --- */

static void put_unsigned(output *out, spec s, uint64_t number, unsigned base, const char *prefix) {
    const char *digits = s.conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char text[24];
    size_t at = sizeof text;
    for (uint64_t rest = number; rest > 0; rest /= base) text[--at] = digits[rest % base];
    int size = (int)(sizeof text - at);
    int least = s.precision < 0 ? 1 : s.precision;
    if (s.precision >= 0) s.zeros = false;
    if (s.alternate && base == 8 && least <= size) least = size + 1;
    put_field(out, &s, prefix, least > size ? least - size : 0, text + at, (size_t)size);
}

static void put_signed(output *out, const spec *s, int64_t number) {
    uint64_t size = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    put_unsigned(out, *s, size, 10, sign(s, number < 0));
}

/* --- Fractions --- */

static void put_exponent(output *out, int exponent, bool upper) {
    put(out, upper ? "E" : "e", 1);
    spec two = {.precision = 2, .plus = true, .conversion = 'd'};
    put_signed(out, &two, exponent);
}

/* Digits from `first` on, as many as `count`; zeros where there are none. */
static void put_digits(output *out, const bh_decimal *decimal, int first, int count) {
    for (int i = first; i < first + count; i++) put(out, i >= 0 && i < decimal->count ? &decimal->digits[i] : "0", 1);
}

static void put_point(output *out, const spec *s, int fraction) {
    if (fraction > 0 || s->alternate) put(out, ".", 1);
}

static void put_fixed(output *out, const spec *s, bh_decimal *decimal, int fraction) {
    bh_decimal_round(decimal, decimal->point + fraction);
    if (decimal->count == 0) decimal->point = 0;
    if (decimal->point > 0) {
        put_digits(out, decimal, 0, decimal->point);
    } else {
        put(out, "0", 1);
    }
    put_point(out, s, fraction);
    put_digits(out, decimal, decimal->point, fraction);
}

static void put_scientific(output *out, const spec *s, bh_decimal *decimal, int fraction) {
    bh_decimal_round(decimal, fraction + 1);
    put_digits(out, decimal, 0, 1);
    put_point(out, s, fraction);
    put_digits(out, decimal, 1, fraction);
    put_exponent(out, decimal->count == 0 ? 0 : decimal->point - 1, s->conversion == 'E' || s->conversion == 'G');
}

static void put_shorter(output *out, const spec *s, bh_decimal *decimal, int precision) {
    if (precision == 0) precision = 1;
    bh_decimal_round(decimal, precision);
    int exponent = decimal->count == 0 ? 0 : decimal->point - 1;
    int digits = s->alternate ? precision : decimal->count == 0 ? 1 : decimal->count;
    if (exponent < -4 || exponent >= precision) {
        put_scientific(out, s, decimal, digits - 1);
    } else {
        int fraction = digits - 1 - exponent;
        put_fixed(out, s, decimal, fraction > 0 ? fraction : 0);
    }
}

static void put_double(output *out, const spec *s, double number) {
    uint64_t bits = 0;
    memcpy(&bits, &number, sizeof bits);
    const char *prefix = sign(s, bits >> 63 != 0);
    bool upper = s->conversion < 'a';
    if (number - number != 0) {
        spec plain = *s;
        plain.zeros = false;
        const char *word = number != number ? (upper ? "NAN" : "nan") : (upper ? "INF" : "inf");
        put_field(out, &plain, prefix, 0, word, 3);
        return;
    }
    bh_decimal decimal;
    bh_decimal_of(number, &decimal);
    int precision = s->precision < 0 ? 6 : s->precision;
    output text = {.text = NULL};
    switch (s->conversion | 0x20) {
    case 'f': put_fixed(&text, s, &decimal, precision); break;
    case 'e': put_scientific(&text, s, &decimal, precision); break;
    default: put_shorter(&text, s, &decimal, precision); break;
    }
    put_field(out, s, prefix, 0, text.text, text.size);
}

/* --- Text --- */

static size_t length_within(const char *text, int most) {
    size_t size = 0;
    while ((int)size < most && text[size] != '\0') size++;
    return size;
}

static void put_string(output *out, const spec *s, const char *text) {
    spec plain = *s;
    plain.zeros = false;
    if (text == NULL) text = "(null)";
    size_t size = s->precision < 0 ? strlen(text) : length_within(text, s->precision);
    put_field(out, &plain, "", 0, text, size);
}

/* --- The format itself --- */

/* Of how many bytes an integer is: hh, h, none, l, ll, z, j, t. */
static size_t integer_size(const char **at) {
    static const struct {
        const char *letters;
        size_t size;
    } lengths[] = {
        {"hh", sizeof(char)}, {"h", sizeof(short)},  {"ll", sizeof(long long)}, {"l", sizeof(long)},
        {"z", sizeof(size_t)}, {"j", sizeof(intmax_t)}, {"t", sizeof(ptrdiff_t)},
    };
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        if (!bh_starts(*at, lengths[i].letters)) continue;
        *at += strlen(lengths[i].letters);
        return lengths[i].size;
    }
    return sizeof(int);
}

static int read_number(const char **at) {
    int number = 0;
    while (**at >= '0' && **at <= '9') {
        if (number > 100000) __builtin_trap(); /* no field is that wide */
        number = number * 10 + (*(*at)++ - '0');
    }
    return number;
}

static bool read_flag(spec *s, char c) {
    switch (c) {
    case '-': return s->left = true;
    case '0': return s->zeros = true;
    case '+': return s->plus = true;
    case ' ': return s->space = true;
    case '#': return s->alternate = true;
    default: return false;
    }
}

/* The values of a call, by address: a va_list that is handed on by value is lost to its owner. */
typedef struct values {
    va_list list;
} values;

static int read_size(const char **at, values *v) {
    if (**at != '*') return read_number(at);
    ++*at;
    return va_arg(v->list, int);
}

static spec read_spec(const char **at, values *v) {
    spec s = {.precision = -1};
    while (read_flag(&s, **at)) ++*at;
    s.width = read_size(at, v);
    if (s.width < 0) {
        s.left = true;
        s.width = -s.width;
    }
    if (**at == '.') {
        ++*at;
        s.precision = read_size(at, v);
    }
    return s;
}

static int64_t next_signed(values *v, size_t size) {
    if (size == sizeof(int64_t)) return va_arg(v->list, int64_t);
    int number = va_arg(v->list, int);
    return size == 1 ? (signed char)number : size == 2 ? (short)number : number;
}

static uint64_t next_unsigned(values *v, size_t size) {
    if (size == sizeof(uint64_t)) return va_arg(v->list, uint64_t);
    unsigned number = va_arg(v->list, unsigned);
    return size == 1 ? (unsigned char)number : size == 2 ? (unsigned short)number : number;
}

static void put_hexadecimal(output *out, const spec *s, uint64_t number) {
    put_unsigned(out, *s, number, 16, !s->alternate || number == 0 ? "" : s->conversion == 'X' ? "0X" : "0x");
}

static void convert(output *out, const char **at, values *v) {
    spec s = read_spec(at, v);
    size_t size = integer_size(at);
    char c = 0;
    s.conversion = *(*at)++;
    switch (s.conversion) {
    case 'd':
    case 'i': put_signed(out, &s, next_signed(v, size)); break;
    case 'u': put_unsigned(out, s, next_unsigned(v, size), 10, ""); break;
    case 'o': put_unsigned(out, s, next_unsigned(v, size), 8, ""); break;
    case 'x':
    case 'X': put_hexadecimal(out, &s, next_unsigned(v, size)); break;
    case 'c':
        c = (char)va_arg(v->list, int);
        s.zeros = false;
        put_field(out, &s, "", 0, &c, 1);
        break;
    case 's': put_string(out, &s, va_arg(v->list, const char *)); break;
    case 'f':
    case 'F':
    case 'e':
    case 'E':
    case 'g':
    case 'G': put_double(out, &s, va_arg(v->list, double)); break;
    case '%': put(out, "%", 1); break;
    default: __builtin_trap();
    }
}

char *bh_vformat(const char *format, va_list list) {
    values v;
    va_copy(v.list, list);
    output out = {.text = NULL};
    for (const char *at = format; *at != '\0';) {
        size_t plain = strcspn(at, "%");
        put(&out, at, plain);
        at += plain;
        if (*at == '\0') break;
        at++;
        convert(&out, &at, &v);
    }
    va_end(v.list);
    put(&out, "", 1);
    return out.text;
}

char *bh_format(const char *format, ...) {
    va_list list;
    va_start(list, format);
    char *text = bh_vformat(format, list);
    va_end(list);
    return text;
}
