/* Tables of endings that replace each other, and the words that they make. search/bridges/derivation.py is the definition.

   A word is a byte a letter in the tables: a-z as they are, а-я as in Windows-1251, where they are one row too. */
#ifndef NAIDI_DERIVATION_H
#define NAIDI_DERIVATION_H

#include "lexicon.h"

enum { SHORTEST = 3, LONGEST = 40, LONGEST_ENDING = 14 };

typedef struct {
    uint8_t length, softens;
    uint8_t text[LONGEST_ENDING];
} Ending;

/* An ending of a word, the endings that may replace it, and the fewest letters before it. Small: other work drives the tables out of the
   processor's cache between two words. */
typedef struct {
    Ending ending;
    uint32_t first, count; /* of the others */
    uint32_t shortest;
} Line;

typedef struct {
    Line *lines; /* in the order of their endings read backwards, a shorter one before those that end with it */
    size_t line_count, longest;
    Ending *others;
    uint8_t soft[256]; /* a letter -> what it becomes; 0: it stays */
    uint8_t ended_by[256]; /* 1 for the last letter of a word that surely has an ending */
    PyObject *ended; /* longer endings of such words: tuple[bytes, ...] */
    PyObject *families, *strangers; /* dict[str, tuple[bytes, ...]], of words as tables have them */
} Language;

typedef struct Derivation {
    PyObject_HEAD
    Language languages[2]; /* English, Russian */
} Derivation;

/* A set of words as tables have them: in UTF-8, each with a line feed behind it. */
typedef struct {
    uint8_t *bytes;
    uint32_t *starts; /* where each word begins; the next one is its end */
    uint32_t *slots; /* number + 1, or 0 */
    size_t count, room, size, bytes_room; /* words; bytes */
} Wanted;

/* Add a word in UTF-8, with its line feed. */
Status add_word(Wanted *wanted, const uint8_t *word, size_t length);
/* The number of a word in the set, from 1; 0 if it is not there. */
uint32_t number_of(const Wanted *wanted, const uint8_t *word, size_t length);
/* Add the words that may have the root of a key. */
Status add_candidates(const Derivation *tables, PyObject *key, Wanted *wanted);
/* A key in live documents with the same root as a word: its number in the first segment that has it so. */
typedef struct {
    PyObject *key;
    uint32_t wanted; /* as `number_of` */
    size_t segment, number;
    double similarity; /* for whoever sorts them */
} Relative;

typedef struct {
    Relative *items;
    size_t count, room;
} RelativeList;

/* Find the relatives of any of `keys`, which are strings. known: has them too, or NULL. Gives -1 with an exception; the caller frees what
   was found in any case. */
int find_relatives(const Derivation *tables, const Lexicon *lexicon, PyObject *keys, const Known *known, RelativeList *found);
void free_relatives(RelativeList *found);
PyObject *derivation_relatives(PyObject *self, PyObject *args);

#endif
