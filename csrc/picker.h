/* The search for the passages of a text. passages.c chooses them, made_passages.c makes each. */
#ifndef NAIDI_PICKER_H
#define NAIDI_PICKER_H

#include "passages.h"

typedef struct {
    size_t first, last;
    Mask mask;
    size_t pairs;
    int looked_at; /* then `passage` is what was seen */
    Passage passage;
} Run;

typedef struct {
    Run *items;
    size_t count, room;
} Runs;

typedef struct {
    Py_ssize_t start, stop;
    size_t first, last;
} Sentence;

typedef struct {
    Py_ssize_t floor;
    int begins;
    Py_ssize_t ceiling;
    int ends;
} Bounds;

typedef struct {
    const ShownText *text;
    Language *language;
    const Choice *choice;
    const Place *places;
    size_t count;
    Bounds whole;
    Passages picked;
    size_t picked_room;
    PyObject *texts; /* a set of passages that are shown */
    Mask shown;
    Runs runs, spare;
    Sentence *sentences; /* room for one a place */
    Mask *pairs; /* room for two masks a place */
} Picker;

/* What words are worth, given what is shown. */
double worth_of(const Picker *picker, Mask mask);
/* What the places answer together, and how many pairs of different words are side by side. */
Mask sum_of(const Picker *picker, size_t first, size_t last, size_t *pairs);
/* The best passage with places of the run. */
Passage passage_of(Picker *picker, size_t first, size_t last);

#endif
