/* Passages: which parts of a text are shown. passages.c picks them, finder.c finds the words. */
#ifndef NAIDI_PASSAGES_H
#define NAIDI_PASSAGES_H

#include "mask.h"
#include "text.h"

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
    PyObject *text; /* as it is shown, if it was picked */
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

void free_passages(Passages *passages);

/* Pick passages, in the order of the text. Below 0: an exception is set, and there is nothing to free.

   floor: no passage begins before it; sentence_begins: whether a sentence begins there. */
int pick_passages(const ShownText *text, Language *language, const Choice *choice, const Place *places, size_t count,
                  Py_ssize_t floor, int sentence_begins, Passages *passages);

#endif
