/* Passages: which parts of a text are shown. passages.c picks them, finder.c finds the words. */
#ifndef NAIDI_PASSAGES_H
#define NAIDI_PASSAGES_H

#include "text.h"

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

/* A word of the text that answers the query, as in finder.py. */
typedef struct {
    Py_ssize_t start, end;
    Mask mask;
} Place;

typedef struct {
    Py_ssize_t start, end;
    size_t first, last; /* its places */
    int head, tail; /* whether it is cut inside a sentence at its start, and at its end */
    Mask mask;
    size_t pairs;
} Passage;

/* What is the same for all texts of a query. */
typedef struct {
    double weights[MOST_ANSWERS];
    size_t answers;
    double side_by_side;
    Py_ssize_t max_chars;
    size_t most; /* passages of a text */
} Choice;

typedef struct {
    Passage *items;
    size_t count;
} Passages;

/* As in shorten.py, for a piece of `size` characters that begins at `low`; all other offsets are in the piece. */
void cut_at_words(const ShownText *text, Py_ssize_t low, Py_ssize_t size, Py_ssize_t core_start, Py_ssize_t core_end, int head,
                  int tail, Py_ssize_t max_chars, Py_ssize_t *from, Py_ssize_t *to);

/* As in behind_title.py: where the text goes on behind its title, and whether a sentence ends there. Below 0: an exception. */
int behind_title(const ShownText *text, PyObject *title, Py_ssize_t *start, int *whole);

/* Pick passages, in the order of the text. Below 0: an exception is set, and there is nothing to free.

   floor: no passage begins before it; sentence_begins: whether a sentence begins there. */
int pick_passages(const ShownText *text, Language *language, const Choice *choice, const Place *places, size_t count,
                  Py_ssize_t floor, int sentence_begins, Passages *passages);

#endif
