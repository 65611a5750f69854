/* Held against the C library's own printf. */
#include <float.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "bulkhead_test.h"

BH_PLUGIN(.list = NULL)

#define SAME(...)                                              \
    do {                                                       \
        char wanted[2048];                                     \
        snprintf(wanted, sizeof wanted, __VA_ARGS__);          \
        BH_EXPECT_TEXT(bh_format(__VA_ARGS__), wanted);        \
    } while (0)

static void formats_integers(void) {
    static const long long numbers[] = {0, 1, -1, 9, 10, -42, 255, INT_MAX, INT_MIN, LLONG_MAX, LLONG_MIN};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        long long n = numbers[i];
        SAME("%d|%i|%5d|%-5d|%05d|%+d|% d|%.3d|%8.3d", (int)n, (int)n, (int)n, (int)n, (int)n, (int)n, (int)n, (int)n, (int)n);
        SAME("%lld|%llu|%llx|%llX|%llo|%#llx|%#llo", n, (unsigned long long)n, n, n, n, n, n);
        SAME("%ld|%zu|%hhd|%hd|%hhu|%hu|%jd|%td", (long)n, (size_t)n, (signed char)n, (short)n, (unsigned char)n, (unsigned short)n, (intmax_t)n, (ptrdiff_t)n);
        SAME("%*d|%-*d|%.*d", 7, (int)n, 7, (int)n, 4, (int)n);
        SAME("%x|%08x|%#10x|%-8x|%u", (unsigned)n, (unsigned)n, (unsigned)n, (unsigned)n, (unsigned)n);
    }
}

static void formats_texts(void) {
    SAME("%s|%10s|%-10s|%.2s|%.10s|%c|%3c|%%|", "abc", "abc", "abc", "abc", "abc", 'x', 'y');
    SAME("plain");
    const char *volatile nothing = NULL;
    BH_EXPECT_TEXT(bh_format("%s", nothing), "(null)");
}

static uint32_t dice(void) {
    static uint32_t state = 2463534242;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static void same_number(double n) {
    int precision = (int)(dice() % 20);
    SAME("%f|%e|%g|%E|%G|%12.3f|%-12.3e|%+g|% f|%012.2f", n, n, n, n, n, n, n, n, n, n);
    SAME("%.0f|%.0e|%.0g|%#g|%#.0f|%.17g|%.20f", n, n, n, n, n, n, n);
    SAME("%.*f|%.*e|%.*g|%#.*g", precision, n, precision, n, precision, n, precision, n);
}

static void formats_fractions(void) {
    static const double numbers[] = {0.0, -0.0, 0.5, 1.5, 2.5, 0.1, 9.5, 9.995, 99.5, 999998.5, 1e15, 1e16, 123456789.125,
                                     1e-4, 1e-5, 9.9999e-5, DBL_MAX, DBL_MIN, 5e-324, 1e100, 1.0 / 3, 0.05, 0.95, 1e21};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        same_number(numbers[i]);
        same_number(-numbers[i]);
    }
    BH_EXPECT_TEXT(bh_format("%#g", 999999.5), "1.00000e+06"); /* as C wants it; glibc 2.36 writes 1.e+06 */
    double zero = 0;
    SAME("%f|%6g|%F|%06f", 1 / zero, -1 / zero, 1 / zero, 1 / zero);
}

static void formats_fractions_at_random(void) {
    for (int i = 0; i < 1500; i++) {
        uint64_t bits = (uint64_t)dice() << 32 | dice();
        double number = 0;
        memcpy(&number, &bits, sizeof number);
        if (number - number == 0) same_number(number);
        same_number((double)(int32_t)dice() / 1000);
    }
}

BH_TESTS(BH_TEST(formats_integers), BH_TEST(formats_texts), BH_TEST(formats_fractions), BH_TEST(formats_fractions_at_random))
