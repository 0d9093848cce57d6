/* Lemmas of many words: found without the GIL, handed over with it. */
#ifndef NAIDI_FOUND_LEMMAS_H
#define NAIDI_FOUND_LEMMAS_H

#include "letters.h"

enum { MOST_LEMMAS = 48 };

typedef struct {
    Letters items[MOST_LEMMAS];
    uint8_t common[MOST_LEMMAS]; /* whether a dictionary has it as one of the word, and not only as a name or an abbreviation */
    size_t count; /* 0: the word is left to Python */
} Lemmas;

int has_lemma(const Lemmas *lemmas, const Letters *lemma);

/* Finds the lemmas of a word. The GIL is not held. */
typedef Status (*FindLemmas)(void *state, const Text *word, Lemmas *lemmas);

/* The texts of words; *words holds them, a tuple, which is NULL with the result, and an exception is set. Free them by PyMem_RawFree. */
Text *texts_of(PyObject *given, PyObject **words);

/* Two lists, with an item for each word: a tuple of its lemmas and bytes that say which are common, or None for both. */
PyObject *lists_of_lemmas(PyObject *words, FindLemmas find, void *state);

#endif
