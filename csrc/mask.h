/* Sets of words of a query, and what Python has for them. */
#ifndef NAIDI_MASK_H
#define NAIDI_MASK_H

#include "core.h"

enum { MOST_ANSWERS = 128 };

/* Words and phrases of a query: bit i stands for the weight i. */
typedef struct {
    uint64_t low, high;
} Mask;

static inline Mask both(Mask left, Mask right) { return (Mask){left.low | right.low, left.high | right.high}; }
static inline Mask but(Mask left, Mask right) { return (Mask){left.low & ~right.low, left.high & ~right.high}; }
static inline int same(Mask left, Mask right) { return left.low == right.low && left.high == right.high; }
static inline int is_empty(Mask mask) { return !(mask.low | mask.high); }
static inline int holds(Mask mask, size_t answer)
{
    return (int)((answer < 64 ? mask.low >> answer : mask.high >> (answer - 64)) & 1);
}
static inline Mask mask_of(size_t answer)
{
    return answer < 64 ? (Mask){(uint64_t)1 << answer, 0} : (Mask){0, (uint64_t)1 << (answer - 64)};
}

/* From and to an integer of Python. Below 0: an exception is set. Bits beyond the 128th are dropped. */
int take_mask(PyObject *number, Mask *mask);
PyObject *mask_to_int(Mask mask);

#endif
