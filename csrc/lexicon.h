/* The words of one state of an index, whatever the ranking: strings.c reads them, lexicon.c looks them up, others find words that are like
   them. */
#ifndef NAIDI_LEXICON_H
#define NAIDI_LEXICON_H

#include "core.h"

typedef struct Lexicon {
    PyObject_HEAD
    size_t segment_count;
    Segment **segments;
    Py_buffer *live; /* for each segment, a byte a document; buf is NULL if all are live */
    double *live_share; /* of the documents of each segment */
} Lexicon;

extern PyTypeObject LexiconType, DerivationType, CorrespondencesType, SkeletonsType;

/* Put a string with a line feed behind it into `bytes`, as tables have it. `length` is 0 if no table can have it. */
enum { LONGEST_STRING = 4096 };
Status table_string(PyObject *string, uint8_t *bytes, size_t *length);
/* A string of a table without its line feed. */
Status string_at(const Segment *segment, int table, size_t number, const uint8_t **start, size_t *length);
/* Reads string after string of a table: where one ends, the next one begins. */
typedef struct {
    int table;
    size_t behind, end; /* the number behind the last string, and where that ended */
    PackedReader reader;
} Strings;

/* As `string_at`. */
Status next_string(const Segment *segment, Strings *strings, size_t number, const uint8_t **start, size_t *length);
/* The numbers of the strings of a sorted table that begin with a string: from `first` on, up to `behind`. near: the number of one that may
   well do so, below 0 for none. */
Status beginning_range(const Segment *segment, int table, const uint8_t *string, size_t length, int64_t near, size_t *first, size_t *behind);
/* Whether a live document of a segment has a key. */
Status has_key(const Lexicon *lexicon, size_t segment, size_t key, int *has);
/* Whether a dictionary has a key of a segment, and not only as a name or an abbreviation. */
Status is_common_key(const Segment *segment, size_t key, int *common);
/* What is known of a form. */
typedef struct Known {
    PyObject *keys, *stem;
    double docs; /* of its most frequent key, about */
    int is_known; /* whether any live document has a key */
    int is_common; /* whether all keys are common words */
    /* The first segment that has the form; there the numbers of its keys and stem, and a bit for each key that is common for this form.
       The count is 0 if they are not known. */
    size_t segment, count, stem_number, key_numbers[MOST_KEYS];
    uint64_t common;
} Known;

/* Gives 1, 0 for a form that the index lacks, -1 with an exception. The caller gets the keys and the stem. */
int know_form(const Lexicon *lexicon, const uint8_t *form, size_t length, Known *known);
/* Whether a form has one of the keys, which are strings; -1, without an exception, if that cannot be told. */
int form_has_key(const Lexicon *lexicon, const uint8_t *form, size_t length, PyObject *keys);
PyObject *segment_keys_of_skeletons(PyObject *self, PyObject *args);

#endif
