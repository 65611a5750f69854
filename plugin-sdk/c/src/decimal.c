/* A double is an integer times a power of two, so its decimal digits end: they are worked out exactly. */
#include "decimal.h"

#include <string.h>

enum { LIMBS = 90, LIMB_DIGITS = 9 };

static const uint64_t limb_base = 1000000000;

/* Little end first. */
typedef struct large {
    uint32_t limbs[LIMBS];
    int count;
} large;

static void multiply(large *number, uint32_t by) {
    uint64_t carry = 0;
    for (int i = 0; i < number->count; i++) {
        carry += (uint64_t)number->limbs[i] * by;
        number->limbs[i] = (uint32_t)(carry % limb_base);
        carry /= limb_base;
    }
    if (carry > 0) number->limbs[number->count++] = (uint32_t)carry;
}

static void multiply_often(large *number, uint32_t by, int times) {
    enum { AT_ONCE = 8 }; /* 5^8 and 2^8 fit well into a limb */
    uint32_t power = 1;
    for (int i = 0; i < AT_ONCE; i++) power *= by;
    for (; times >= AT_ONCE; times -= AT_ONCE) multiply(number, power);
    for (; times > 0; times--) multiply(number, by);
}

static large from_integer(uint64_t integer) {
    large number = {.count = 0};
    for (; integer > 0; integer /= limb_base) number.limbs[number.count++] = (uint32_t)(integer % limb_base);
    return number;
}

static void write_digits(const large *number, bh_decimal *decimal) {
    char all[LIMBS * LIMB_DIGITS] = {0};
    int size = number->count * LIMB_DIGITS;
    for (int i = 0; i < number->count; i++) {
        uint32_t limb = number->limbs[i];
        for (int j = 1; j <= LIMB_DIGITS; j++, limb /= 10) all[size - i * LIMB_DIGITS - j] = (char)('0' + limb % 10);
    }
    int first = 0;
    while (first < size && all[first] == '0') first++;
    int last = size;
    while (last > first && all[last - 1] == '0') last--;
    decimal->count = last - first;
    decimal->point = size - first;
    memcpy(decimal->digits, all + first, (size_t)decimal->count);
}

void bh_decimal_of(double number, bh_decimal *decimal) {
    enum { MANTISSA_BITS = 52, BIAS = 1075 };
    uint64_t bits = 0;
    memcpy(&bits, &number, sizeof bits);
    int exponent = (int)(bits >> MANTISSA_BITS & 0x7FF);
    uint64_t mantissa = bits & ((UINT64_C(1) << MANTISSA_BITS) - 1);
    if (exponent > 0) {
        mantissa |= UINT64_C(1) << MANTISSA_BITS;
    } else {
        exponent = 1;
    }
    int power = exponent - BIAS;
    large value = from_integer(mantissa);
    /* m / 2^k is m * 5^k / 10^k. */
    multiply_often(&value, power < 0 ? 5 : 2, power < 0 ? -power : power);
    write_digits(&value, decimal);
    if (power < 0) decimal->point += power;
}

static int rounds_up(const bh_decimal *decimal, int count) {
    char next = decimal->digits[count];
    if (next != '5' || decimal->count > count + 1) return next >= '5';
    return count > 0 && (decimal->digits[count - 1] - '0') % 2 == 1;
}

static void trim(bh_decimal *decimal) {
    while (decimal->count > 0 && decimal->digits[decimal->count - 1] == '0') decimal->count--;
}

void bh_decimal_round(bh_decimal *decimal, int count) {
    if (count >= decimal->count) return;
    if (count < 0) {
        decimal->count = 0;
        return;
    }
    int up = rounds_up(decimal, count);
    decimal->count = count;
    while (up && count > 0 && decimal->digits[count - 1] == '9') decimal->digits[--count] = '0';
    if (up && count > 0) {
        decimal->digits[count - 1]++;
    } else if (up) {
        decimal->digits[0] = '1';
        decimal->count = 1;
        decimal->point++;
    }
    trim(decimal);
}
