/* What the files of the core share. ARCHITECTURE.md, "The core", says what the core is for; src/naidi/_core.pyi has its interface.

   Rules of these files:
   - Every number that comes from a mapped file is compared with a bound before it is used as one. A file may be damaged or forged.
   - Functions that read files or take memory give a Status. Whoever calls them passes on what is not FINE.
   - There is no static state. What lives between calls belongs to a Segment, a Collection or a Word.
   - Without the GIL no Python object is touched, and nothing is written that another thread may read. */
#ifndef NAIDI_CORE_H
#define NAIDI_CORE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

#include "packed.h"

#if defined(__GNUC__)
#define INLINED static inline __attribute__((always_inline))
#define NOT_INLINED __attribute__((noinline))
#else
#define INLINED static inline
#define NOT_INLINED
#endif

typedef enum { FINE = 0, DAMAGED = -1, NO_MEMORY = -2 } Status;

/* -- columns: arrays of unsigned numbers in a mapped file, perhaps not aligned */

typedef struct {
    const uint8_t *start;
    size_t count;
    int width; /* bytes of a number: 1, 2, 4 or 8; 0 for a packed column */
    PackedColumn packed;
} Column;

/* The width is a constant at most calls, so that one branch is left after inlining. The index must be below the count. */
static inline uint64_t number_at(const uint8_t *start, int width, size_t index)
{
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (width) {
    case 1:
        return start[index];
    case 2:
        memcpy(&two, start + 2 * index, 2);
        return two;
    case 4:
        memcpy(&four, start + 4 * index, 4);
        return four;
    default:
        memcpy(&eight, start + 8 * index, 8);
        return eight;
    }
}

static inline uint64_t item(const Column *column, size_t index)
{
    return column->width ? number_at(column->start, column->width, index) : packed_item(&column->packed, index);
}

/* Reads number after number of a column, which are mostly neighbours. */
typedef struct {
    const Column *column;
    PackedReader packed;
} ColumnReader;

static inline ColumnReader reader_of(const Column *column)
{
    return (ColumnReader){column, {.column = &column->packed}};
}

static inline uint64_t next_item(ColumnReader *reader, size_t index)
{
    const Column *column = reader->column;
    return column->width ? number_at(column->start, column->width, index) : packed_next(&reader->packed, index);
}

/* The first index of an ascending column whose number is at least `wanted`. */
static inline size_t lower_bound(const Column *column, uint64_t wanted)
{
    size_t low = 0, high = column->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (item(column, middle) < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Where a row begins and ends among the `limit` values of all rows. */
static inline Status row_of(const Column *ends, size_t row, size_t limit, size_t *begin, size_t *end)
{
    if (row >= ends->count)
        return DAMAGED;
    uint64_t first = 0, last;
    if (row && !ends->width)
        last = packed_pair(&ends->packed, row, &first);
    else {
        first = row ? item(ends, row - 1) : 0;
        last = item(ends, row);
    }
    if (first > last || last > limit)
        return DAMAGED;
    *begin = (size_t)first;
    *end = (size_t)last;
    return FINE;
}

/* -- segments */

enum {
    FORMS_BYTES, FORMS_ENDS, FORMS_SLOTS, KEYS_BYTES, KEYS_ENDS, KEYS_SLOTS, STEMS_BYTES, STEMS_ENDS, STEMS_SLOTS,
    FORM_STEMS, FORM_KEYS_ENDS, FORM_KEYS, FORM_KEYS_COMMON, KEY_FORMS_ENDS, KEY_FORMS, STEM_FORMS_ENDS, STEM_FORMS, KEY_LISTS,
    LISTS_ENDS, LISTS_DOCS, LISTS_CODES, EXACT_ROWS, EXACT_FREQS, EXACT_TITLE_FREQS,
    BLOCKS_LISTS, BLOCKS_ENDS, BLOCKS_OFFSETS, PLACES_ENDS, POSITIONS, FAR_TOKENS, FAR_HIGHS, TAGS_ENDS, TAGS,
    TITLE_LENGTHS, BODY_LENGTHS, KEYWORD_LENGTHS, IDS_BYTES, IDS_ENDS, IDS_RANKS,
    SKELETON_HASHES, SKELETON_KEYS, TITLES_BYTES, TITLES_ENDS, SECTION_COUNT
};
extern const char *const SECTION_NAMES[SECTION_COUNT];

/* The constants of the format; see indexer/codec/posting_codes.py. */
enum { MAX_EXACT_FREQ = 64, MAX_TITLE_FREQ = 3, POSITION_GAP = 100, BLOCK_POSTINGS = 32 };

typedef struct {
    PyObject_HEAD
    Py_buffer buffers[SECTION_COUNT];
    int held; /* how many of the buffers are held */
    Column sections[SECTION_COUNT];
    uint32_t doc_count;
} Segment;

extern PyTypeObject SegmentType;

/* The number of a string in a table, its line feed included; -1 if it is not there. `table`: the section of its bytes. */
Status find_string(const Segment *segment, int table, const uint8_t *string, size_t length, int64_t *number);

static inline const Column *section(const Segment *segment, int name) { return &segment->sections[name]; }

/* A number of a column that is never packed. */
static inline uint64_t plain_item(const Column *column, size_t index)
{
    return number_at(column->start, column->width, index);
}

static inline uint64_t title_length(const Segment *s, uint32_t doc) { return plain_item(section(s, TITLE_LENGTHS), doc); }
static inline uint64_t body_length(const Segment *s, uint32_t doc) { return plain_item(section(s, BODY_LENGTHS), doc); }
static inline uint64_t keyword_length(const Segment *s, uint32_t doc) { return plain_item(section(s, KEYWORD_LENGTHS), doc); }

/* -- posting lists */

typedef struct {
    const uint8_t *docs;
    const uint8_t *codes;
    int width; /* bytes of a document's number */
    size_t count;
} List;

static inline uint32_t doc_of(const List *list, size_t row)
{
    return (uint32_t)number_at(list->docs, list->width, row);
}

static inline size_t first_at_least(const uint8_t *docs, int width, size_t count, size_t from, uint32_t doc)
{
    size_t low = from, step = 1;
    while (low < count && (uint32_t)number_at(docs, width, low) < doc) {
        from = low + 1;
        low += step;
        step *= 2;
    }
    size_t high = low < count ? low : count;
    while (from < high) {
        size_t middle = from + (high - from) / 2;
        if ((uint32_t)number_at(docs, width, middle) < doc)
            from = middle + 1;
        else
            high = middle;
    }
    return from;
}

/* The first row from `from` on whose document is at least `doc`. Steps grow, so what is near is found in few. */
static inline size_t seek_doc(const List *list, size_t from, uint32_t doc)
{
    switch (list->width) {
    case 1:
        return first_at_least(list->docs, 1, list->count, from, doc);
    case 2:
        return first_at_least(list->docs, 2, list->count, from, doc);
    default:
        return first_at_least(list->docs, 4, list->count, from, doc);
    }
}

Status list_of(const Segment *segment, size_t number, List *list);

/* -- places: where the tokens of a word lie */

/* A stem that has forms of a word. */
typedef struct {
    List list;
    size_t list_start; /* its first row among all postings */
    size_t first_token, token_count;
    size_t first_tag; /* in half bytes */
    size_t first_block; /* meaningful for a list of more than BLOCK_POSTINGS postings */
    int tag_width; /* half bytes of a tag */
    size_t form_count;
    uint8_t *answers; /* for each form of the stem, whether it is one of the word; NULL: all are */
} Source;

typedef struct {
    Source *items;
    size_t count;
} Sources;

Status make_sources(const Segment *segment, const uint32_t *forms, size_t count, Sources *sources);
void free_sources(Sources *sources);

/* A way through the places of a source, from the first document on. */
typedef struct {
    size_t found; /* the first posting that is not before the document */
    size_t row; /* the posting that was read last */
    size_t tokens; /* how many tokens of the stem lie before that one */
} Cursor;

/* An array with room for one more item behind `count`, which may have moved; NULL: no memory, and the array is as it was. It is freed by
   PyMem_RawFree. */
void *with_room(void *items, size_t *room, size_t count, size_t size);

/* Numbers that grow. */
typedef struct {
    uint32_t *items;
    size_t count, room;
} Numbers;

Status make_room(Numbers *numbers, size_t more);
/* For qsort of 32-bit numbers. */
int ascending(const void *left, const void *right);
/* Drop repeats from numbers in order; gives how many are left. */
size_t without_repeats(uint32_t *numbers, size_t count);

/* Move the cursors to a document, which is not before the last one. Gives whether any source has it. */
int seek_places(const Sources *sources, Cursor *cursors, uint32_t doc);
/* The positions of the word in the document to which the cursors were moved, ascending. */
Status read_places(const Segment *segment, const Sources *sources, Cursor *cursors, uint32_t doc, Numbers *places);
/* (occurrences, those in the title) of a posting in the list of a stem. */
Status exact_freqs(const Segment *segment, const Source *source, size_t row, uint32_t *freq, uint32_t *title_freq);
/* Of `freq` tokens of a source that has answers, from `token` on, those that are of the word; and of the first `titles` of them, no more than
   `freq`. */
Status count_answers(const Segment *segment, const Source *source, size_t token, uint32_t freq, uint32_t titles, uint32_t *own, uint32_t *own_titles);

/* -- collections */

typedef struct {
    double k1, b, weight;
} FieldParameters;

/* Room for the scores of one search; see search.h. */
typedef struct Scratch Scratch;

typedef struct {
    PyObject_HEAD
    struct Lexicon *lexicon; /* holds the segments */
    size_t segment_count;
    Segment **segments;
    const Py_buffer *live; /* as in the lexicon */
    double **norms; /* for each segment, the norm of the text of each document */
    uint8_t **levels; /* for each segment, the level of the length of each document; see impact_bounds.c */
    Py_ssize_t fewest_bounded; /* with fewer postings, bounds take longer to find than they save */
    float *most_impacts; /* [frequency - 1, level]: the greatest impact of a posting without its title */
    float *most_of_titles; /* [occurrences in the title, its length]: what they add to it at most */
    double doc_count, average_text, average_title;
    FieldParameters text, title, pair;
    double lemma_weight, stem_weight, idf_power, shared_lemmas;
    Scratch *scratch; /* what no search uses at the moment, or NULL. Taken and given back with the GIL held */
} Collection;

extern PyTypeObject CollectionType;

static inline const uint8_t *live_of(const Collection *collection, size_t segment)
{
    return collection->live[segment].buf;
}

double idf_of(double doc_count, double doc_freq);
/* As length_norm in search/ranking/bm25.py. */
static inline double length_norm(double length, double average, const FieldParameters *field)
{
    double part = average > 0 ? length / average : 1.0;
    return (part * field->b + (1.0 - field->b)) * field->k1;
}
enum { LEVELS = 256, TITLE_LEVELS = 32 };
/* Make `levels`, `most_impacts` and `most_of_titles` of a collection that has all else. */
Status make_impact_bounds(Collection *collection);
void free_scratch(Scratch *scratch);
PyObject *collection_best(PyObject *self, PyObject *args);
PyObject *collection_best_ids(PyObject *self, PyObject *args);
PyObject *collection_found(PyObject *self, PyObject *args);

/* -- words */

/* A word in one segment. */
typedef struct {
    List own, stem; /* the postings of its own forms, and of its stem */
    int same; /* both are one list */
    int nested; /* all documents of `own` are in `stem` */
    uint32_t *forms; /* its own forms, ascending */
    size_t form_count;
    int64_t stem_number; /* -1: none */
    uint32_t *made_docs; /* `own`, if it is no list of the segment */
    uint8_t *made_codes;
    List shared; /* of a word with several keys: the postings of the forms that have all of them */
    uint32_t *shared_docs; /* `shared`, if it is no list of the segment */
    uint8_t *shared_codes;
    Sources own_places, word_places; /* of its own forms; of these and of its stem */
    int has_own_places, has_word_places;
} Part;

typedef struct {
    PyObject_HEAD
    Collection *collection;
    Part *parts; /* one a segment */
    PyObject *keys, *stem; /* what it was asked for by; NULL for a phrase */
    Py_hash_t hash; /* of both */
    int with_stem; /* whether its stem counts */
    double own_freq, stem_freq; /* live documents */
    double idf; /* of its own forms, raised to the power */
    double own_weight, stem_weight, shared_weight; /* what an impact is multiplied by; 0 if no document has it */
} Word;

extern PyTypeObject WordType;

/* A word that has nothing yet; NULL with an exception. */
Word *new_word(Collection *collection);
enum { MOST_KEYS = 64 };
/* The word with at most MOST_KEYS keys, strings, and a stem or None; NULL with an exception. known: what is known of its form, or NULL. */
struct Known;
Word *word_of(Collection *collection, PyObject *keys, PyObject *stem, const struct Known *known);
/* A string in UTF-8. */
typedef struct {
    const uint8_t *bytes;
    size_t length;
} Beginning;

/* All words that begin with any of these, as one; NULL with an exception. */
Word *word_of_beginnings(Collection *collection, const Beginning *beginnings, size_t count);
/* Count the live documents of a word, and work out its weights. */
Status weigh(Word *word);
/* Bytes of memory of a word, about. */
size_t bytes_of_word(const Word *word);
PyObject *collection_word(PyObject *self, PyObject *args);
PyObject *collection_beginning(PyObject *self, PyObject *strings);
PyObject *collection_phrase(PyObject *self, PyObject *args);
/* Who is told of the documents of a phrase, segment after segment. The GIL is not held meanwhile. */
typedef struct {
    void *state;
    Status (*begin)(void *state, size_t segment, size_t most); /* at most so many will come; may be NULL */
    double (*bound)(void *state, size_t segment, uint32_t doc, uint8_t most); /* its score if its code were `most`; NULL: all are wanted */
    double (*loose_bound)(void *state, size_t segment, uint32_t doc, uint8_t most); /* a greater one, which takes less time */
    int (*wants)(void *state, double bound); /* whether documents of such a score are still wanted */
    void (*take)(void *state, size_t segment, uint32_t doc, uint8_t code);
} PhraseTaker;

/* Whether these are words of the collection, and the slop is one; if not, an exception is set. */
/* What a phrase finds, as a word; NULL with an exception. */
Word *word_of_phrase(Collection *collection, PyObject *words, Py_ssize_t slop);
Status take_phrase_words(PyObject *collection, PyObject *words, Py_ssize_t slop);
/* slop: how many words more may stand between the first and the last, which keep their order. */
Status find_phrase(PyObject *words, size_t slop, const PhraseTaker *taker);
/* The idf of a phrase. */
double phrase_idf(PyObject *words);
PyObject *collection_best_phrase_ids(PyObject *self, PyObject *args);
PyObject *collection_lacking(PyObject *self, PyObject *args);
PyObject *collection_best_arms(PyObject *self, PyObject *args);
Status need_own_places(Word *word);
Status need_word_places(Word *word);
/* Make a list of the postings of forms, whose places are made, too. */
Status put_together(const Segment *segment, const uint32_t *forms, size_t form_count, Sources *sources, List *list, uint32_t **docs, uint8_t **codes);
/* The code of a posting; see indexer/codec/posting_codes.py. */
uint8_t code_of(const Segment *segment, uint32_t doc, uint32_t freq, uint32_t title_freq);

/* Sets the exception that belongs to a status, and gives NULL. */
/* The id of a document, or NULL with an exception. */
PyObject *id_of(const Segment *segment, uint32_t doc);
PyObject *raise_status(Status status);

#endif
