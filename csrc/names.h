/* Names of the other alphabet: their skeletons, and how likely two spellings are the same word. */
#ifndef NAIDI_NAMES_H
#define NAIDI_NAMES_H

#include "lexicon.h"

/* Letters of a word with a mark at each end; letters of a piece; hashes that are looked for. */
enum { MOST_LETTERS = 42, LONGEST_PIECE = 8, MOST_HASHES = 384 };

/* The pieces of one alphabet as an automaton; see `Side` in search/bridges/correspondences.py. */
typedef struct {
    Py_buffer letters; /* uint8: code point -> number of the letter */
    Py_buffer steps; /* int16: [state, letter] -> state */
    Py_buffer costs; /* float: [own state, state of the other alphabet] */
    PyObject *sizes; /* [own state] -> lengths of the pieces that stand for it: tuple[bytes, ...] */
    size_t letter_count, state_count, longest;
} Side;

typedef struct Correspondences {
    PyObject_HEAD
    Side sides[2]; /* Latin, Cyrillic */
} Correspondences;

typedef struct {
    uint8_t numbers[MOST_LETTERS];
    int16_t reached[LONGEST_PIECE][MOST_LETTERS]; /* [length - 1][place] -> state of the piece that begins there */
    size_t count;
} Letters;

/* Gives -1 with an exception for what is no word, or too long. */
int read_letters(const Side *side, PyObject *word, Letters *letters);
float cost_of(const Side *own, const Letters *word, const Side *side, const Letters *other);

/* The tables of skeletons; see indexer/analysis/skeleton.py and search/bridges/near_skeletons.py. */
typedef struct Skeletons {
    PyObject_HEAD
    Py_buffer symbols; /* code point -> symbol */
    Py_buffer classes; /* [symbol before, symbol, symbol after] -> class */
    int first_cyrillic; /* symbol */
    PyObject *readings; /* ((letter, letters before, letters after, (classes, ...)), ...) */
    PyObject *ends, *other_ends; /* letter -> (classes, ...) of what may stand behind the last letter; of other letters */
} Skeletons;

typedef struct {
    uint32_t items[MOST_HASHES];
    size_t count;
} Hashes;

/* Add the hashes that a word may have in the other alphabet. Gives 1, 0 for a word that is not read here, -1 with an exception. */
int add_skeletons(const Skeletons *tables, PyObject *word, Hashes *hashes);
/* How many groups of vowels a word has, without an e at the end. */
size_t syllables_of(const uint8_t *word, size_t length);
int sounds_as_long(size_t syllables, uint64_t wanted);
/* As in _core.pyi; the spellings are strings. Gives -1 with an exception. */
int may_be_names(const Skeletons *skeletons, const Correspondences *tables, const Lexicon *lexicon, PyObject *spellings, int cyrillic, double least);
PyObject *skeletons_may_be_names(PyObject *self, PyObject *args);

#endif
