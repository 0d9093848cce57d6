/* The table of English forms. */
#ifndef NAIDI_ENGLISH_H
#define NAIDI_ENGLISH_H

#include "found_lemmas.h"

typedef struct {
    uint32_t offset, first_lemma;
    uint16_t length;
    uint8_t lemma_count, flags;
} Entry;

typedef struct {
    PyObject_HEAD
    Spellings strings; /* forms and lemmas; the number of each is that of its entry */
    Entry *entries;
    size_t entry_room;
    uint32_t *lemmas; /* numbers of strings, form by form */
    size_t lemma_count, lemma_room;
    PieceTable british, american; /* endings */
} English;

extern PyTypeObject EnglishType;

/* The entry of a word; NULL if the table has no such string. The functions below take NULL, too. */
const Entry *entry_of(const English *self, const Letters *word);
Letters letters_of(const English *self, const Entry *entry);
int is_form(const Entry *entry);
int is_closed(const Entry *entry);
int is_left_to_python(const Entry *entry);
int is_common_entry(const Entry *entry);
int is_own_lemma(const English *self, const Entry *entry);

/* The lemmas of a form that the table has; none for other texts. state: an English. It is a FindLemmas. */
Status find_english(void *state, const Text *text, Lemmas *lemmas);
PyObject *english_lemmas(PyObject *self, PyObject *words);
PyObject *english_guesses(PyObject *self, PyObject *words);

#endif
