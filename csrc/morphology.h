/* What the files of the core share that find lemmas of Russian words. analysis/lemmatize/opencorpora.py and russian.py are the definition.

   All works on words of the Russian alphabet. What is rare (closed classes, lengthened letters, a table that is not as it should be)
   is left to Python: such a word has no answer here. */
#ifndef NAIDI_MORPHOLOGY_H
#define NAIDI_MORPHOLOGY_H

#include "found_lemmas.h"

/* -- dawgs: analysis/lemmatize/dawg.py says how they are laid out */

typedef struct {
    Py_buffer unit_buffer, guide_buffer;
    const uint32_t *units;
    const uint8_t *guide; /* two bytes for each unit */
    size_t count;
} Dawg;

/* From a pair (units, guide); -1 with an exception. with_values: whether values will be read, by the guide. */
int make_dawg(Dawg *dawg, PyObject *pair, int with_values);
void free_dawg(Dawg *dawg);

/* -- the dictionary */

enum {
    ADJECTIVE = 1, PARTICIPLE = 2, SHORT = 4, ADVERB = 8, COMPARATIVE = 16, SUPERLATIVE = 32, ABBREVIATION = 64, NAME = 128,
};

typedef struct {
    uint32_t features, group; /* tags with equal grammemes are of one group */
    uint32_t text, text_length; /* in tag_texts */
    int productive;
} Tag;

typedef struct {
    PyObject_HEAD
    Dawg words, probabilities;
    int has_probabilities;
    Dawg *endings; /* one an affix */
    size_t ending_count;
    size_t longest_ending;
    PieceTable affixes, suffixes, prefixes;
    Py_buffer paradigms; /* 16-bit numbers */
    uint32_t *paradigm_starts; /* one more than there are paradigms, which have a number for their length before them */
    size_t paradigm_count;
    Tag *tags; /* the last one is that of unknown words */
    size_t tag_count;
    uint8_t *tag_texts;
    size_t tag_bytes;
    Spellings left_out; /* words that are left to Python */
    int has_left_out;
} Russian;

extern PyTypeObject RussianType;

typedef struct {
    Letters spelling, lemma;
    size_t tag;
    int32_t paradigm; /* -1: none */
    double score;
} Reading;

/* What stands behind a word in a dawg. */
typedef struct {
    uint32_t count; /* in tables of endings */
    uint16_t paradigm, index;
} Value;

enum { ANSWERED = 0, LEFT = 1, OUT_OF_MEMORY = 2 };

/* Room for one word. `outcome` stays what it has become: then nothing found counts. */
typedef struct {
    const Russian *russian;
    int outcome;
    size_t steps; /* of all searches, so that one in a damaged table ends */
    Reading *readings; /* a stack */
    size_t reading_count, reading_room;
    Value *values;
    size_t value_count, value_room;
} Work;

enum { MOST_STEPS = 1 << 20, MOST_SPELT = 32 };

typedef struct {
    Letters letters;
    uint32_t node; /* of the values */
} Spelt;

typedef struct {
    Spelt items[MOST_SPELT];
    size_t count;
} SpeltWords;

/* The word itself and its spellings with ё for some е, as far as a dawg has them. */
void find_similar(Work *work, const Dawg *dawg, const Letters *word, SpeltWords *found);
int has_similar(Work *work, const Dawg *dawg, const Letters *word);
/* Put what stands below a node into work->values. width: bytes of a value, 4 or 8. */
void read_values(Work *work, const Dawg *dawg, uint32_t node, size_t width);
/* The node of a word, and of bytes from a node on; 0 if there is none. */
uint32_t follow_letters(const Dawg *dawg, const Letters *word);
uint32_t follow_bytes(const Dawg *dawg, uint32_t node, const uint8_t *bytes, size_t length);
uint32_t number_of_node(const Dawg *dawg, uint32_t node);

void put_letters(Work *work, Letters *word, Piece more);
/* The lemma of a spelling by the column of a value, and its tag; 0 if there is no such column. */
int read_column(Work *work, Value value, Piece prefix, const Letters *spelling, Letters *lemma, size_t *tag);
/* These put readings on the stack. */
Reading *put_reading(Work *work);
void put_dictionary_readings(Work *work, const Letters *word, Piece prefix, double score);
int look_up(Work *work, const Letters *word); /* whether the dictionary has the word; its guesses if not */
void put_predicted(Work *work, const Letters *word, int depth);
/* Sort the readings from `first` on by the scores of the corpus. `scale`: if it has none, let the scores sum to 1; else all are equal. */
void score_readings(Work *work, size_t first, const Letters *word, int scale);
void sort_readings(Work *work, size_t first);

/* -- rules */

void put_lemma(Work *work, Lemmas *lemmas, const Letters *lemma);
Letters without_dots(const Letters *word);
int is_vowel(uint16_t letter);
/* The names of which a word may be a case; name_cases.py. */
void put_nominatives(Work *work, const Letters *folded, Lemmas *names);
/* The keys of a word of Russian letters. */
void find_lemmas(Work *work, const Letters *form, Lemmas *lemmas);
/* The same of any text: none if it is no such word. state: a Work. It is a FindLemmas. */
Status find_russian(void *state, const Text *text, Lemmas *lemmas);

#endif
