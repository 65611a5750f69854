/* Numbers in decimal digits. */
#ifndef BH_DECIMAL_H
#define BH_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

/* As many digits as the longest double has: 2^-1074 times a mantissa of 53 bits. */
enum { BH_MAX_DIGITS = 770 };

/* 0.d1d2d3... times 10 to the power of `point`; no digits: zero. */
typedef struct bh_decimal {
    char digits[BH_MAX_DIGITS + 1];
    int count;
    int point;
} bh_decimal;

/* The exact value of a finite number, without its sign. */
void bh_decimal_of(double number, bh_decimal *decimal);

/* Rounds to `count` digits; ties go to the even digit, as IEEE 754 has it. */
void bh_decimal_round(bh_decimal *decimal, int count);

#endif
