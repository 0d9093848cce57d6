/* What a search is made of. best.c does it; any_words.c and all_words.c find, hits.c keeps, nearness.c adds to the scores of the best. */
#ifndef NAIDI_SEARCH_H
#define NAIDI_SEARCH_H

#include "core.h"

typedef struct {
    double score;
    uint32_t segment, doc;
} Hit;

/* A word that answers a part of the query; factor: of its scores. */
typedef struct {
    Word *word;
    double factor;
} Arm;

/* A part of the query: a word with its alternatives. The greatest of their scores counts. The first arm is what was typed. */
typedef struct {
    Arm *arms;
    size_t count;
    size_t size; /* postings in the segment at hand */
} Slot;

typedef struct {
    Collection *collection;
    Slot *slots;
    size_t slot_count;
    Arm *arms; /* of all slots */
    int all_words;
    int counts; /* whether `total` must be exact */
    size_t postings; /* of all slots in all segments */
    size_t room, rescored; /* how many hits are kept; how many of them may get a bonus for nearness */
    Py_buffer *allowed; /* for each segment a byte a document; buf is NULL if all pass */
    Hit *hits; /* a heap whose first hit is the worst, once there are `room` */
    size_t hit_count;
    uint64_t total; /* documents found */
    Scratch *scratch;
    Status tie_status; /* DAMAGED if an id could not be read */
} Search;

/* Room for the sums of a window of documents. */
Scratch *new_scratch(void);
/* Offer the documents that have any of the words, or all of them. Unless they are counted, those may be left out that cannot be among
   the best. */
Status find_any(Search *search);
Status find_all(Search *search);
/* How many postings a slot has in a segment. */
size_t size_of_slot(const Slot *slot, size_t number);
/* Take the slots of a query, (word, factor, alternative, factor, ...) each. Gives -1 with an exception for others. */
int take_slots(Search *search, PyObject *slots);
/* Take the masks of documents that may be found, None for no limits. Gives -1 with an exception for others. */
int take_allowed(Search *search, PyObject *allowed);
/* Find the best k hits of a search that has its slots and masks. rescored: how many of the best may get a bonus for nearness. Gives -1
   with an exception. */
int best_hits(Search *search, size_t k, size_t rescored);
/* The list of the best k hits for Python. */
PyObject *hits_of(const Search *search, size_t k, int with_ids);
void free_search(Search *search);
/* The list of the best k documents, at least one, with a row of words; see find_phrase and take_allowed. NULL with an exception. */
PyObject *best_of_row(Collection *collection, PyObject *words, Py_ssize_t slop, Py_ssize_t k, PyObject *allowed, uint64_t *total);

/* -- nearness */

typedef struct {
    size_t left, right; /* among the words of the nearness */
    double weight;
    size_t doc_freq;
} Pair;

enum Look { UNSEEN, ABSENT, FOUND, READ };

/* A word at a document. */
typedef struct {
    Word *word;
    Cursor *cursors;
    Numbers places;
    enum Look look;
} WordAt;

typedef struct {
    Pair *pairs;
    size_t pair_count;
    WordAt *words;
    size_t word_count;
    Numbers freqs; /* (pair, hit, frequency), one after another */
} Nearness;

/* Different words that are neighbours in the query, each pair once, and where their tokens are. */
Status find_pairs(const Search *search, Nearness *nearness);
/* Add the bonus of the first `count` hits, whose order is then lost. */
Status add_bonus(Search *search, Nearness *nearness, size_t count);
void free_nearness(Nearness *nearness);

#endif
