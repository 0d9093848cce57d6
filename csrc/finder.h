/* Where the words of a query stand in a text. scan.c looks for beginnings, finder.c puts together what is found. */
#ifndef NAIDI_FINDER_H
#define NAIDI_FINDER_H

#include "passages.h"
#include "records.h"

enum { PLACES = 24, CHUNK = 32768, LONGEST_PLAIN = 64 };

/* A string that is looked for, as in needles.py. */
typedef struct {
    Py_UCS4 *letters;
    Py_ssize_t length, lead, whole;
    int next; /* of the same first letters; -1: none */
    size_t group; /* the first needle of those that are looked for together */
} Needle;

static inline int is_small_russian(Py_UCS4 c) { return c - 0x430 < 32u || c == 0x451; }

/* Forms, and what each answers: a hash table, with the letters of all behind each other. */
typedef struct {
    uint32_t start, length; /* a length of 0: the slot is free */
    Mask mask;
    Mask parts; /* the words of phrases that it may be, of all phrases together */
} Answer;

typedef struct {
    Py_UCS2 *letters;
    size_t letter_count, letter_room;
    Answer *slots;
    size_t size, count; /* the size is a power of two, or 0 */
} Answers;

/* The answer of a form; NULL if there is none. */
const Answer *answer_of(const Answers *answers, const Py_UCS2 *letters, size_t length);
/* 1: added; 0: it was there, and stays; below 0: an exception is set. length: above 0. */
int add_answer(Answers *answers, const Py_UCS2 *letters, size_t length, Mask mask);
/* The same for a form that may be a word of a phrase. It answers nothing, unless it is a word of the query as well. */
int add_part(Answers *answers, const Py_UCS2 *letters, size_t length, size_t part);
void free_answers(Answers *answers);

/* Needles, and what tells whether a word that one of them finds is a form of the query. */
typedef struct {
    Needle *needles;
    size_t count, room;
    size_t group; /* of the needles that are added now */
    /* The first needle with these first letters behind the lead, and of one letter alone; -1: none. */
    int16_t pairs[512], singles[256];
    int has_others; /* whether the word of a needle begins with another letter than English and Russian have, or with no letter */
    /* Of a matcher of Python: FormMatcher._known and .find, and its forms, without prefixes: form -> integer, and a set; `answers` may
       be NULL. */
    PyObject *known, *find, *answers, *in_phrases;
    /* Else the forms, and word_form and in_headline of Python. */
    Answers table;
    PyObject *word_form, *in_headline;
} Scan;

/* Where a needle is found in `pairs`, by its first letters. */
static inline size_t pair_of(Py_UCS4 first, Py_UCS4 second) { return (first * 19 + second) & 511; }

/* A place where a needle is. `next`: the following one of the same group of needles; -1: none. */
typedef struct {
    Py_ssize_t begin;
    int next;
} Candidate;

/* The candidates of a stretch of a text, by group of needles, in the order of the text. */
typedef struct {
    Candidate *items;
    size_t count, room;
    int *first, *last; /* by the first needle of a group */
    int has_marks; /* whether a mark that is frequent inside words was seen */
    int is_odd; /* whether a letter was seen that this search does not lower as Python does */
} Candidates;

typedef struct {
    Place *items;
    size_t count, room;
} Places;

void clear_scan(Scan *scan);
/* Fill a zeroed scan. Functions that give an int set an exception where it is below 0. */
int take_matcher(Scan *scan, PyObject *matcher);
/* Of another scan that has a table: its functions. */
void share_functions(Scan *scan, const Scan *other);
/* The needles that are added from here on are looked for together. Gives the number of the first of them. */
size_t begin_group(Scan *scan);
/* Append a sequence of needles: (string, lead, whole) each. */
int add_needles(Scan *scan, PyObject *needles);
/* Append a needle of letters of one or two bytes. lead: the character before the word, or 0. */
int put_needle(Scan *scan, const Py_UCS2 *letters, size_t length, Py_UCS4 lead, size_t whole);
/* Find the needles that begin in [base, base + size). `candidates` is used again, or zeroed. See scan.c. */
int find_candidates(const ShownText *text, const Scan *scan, Py_ssize_t base, Py_ssize_t size, Candidates *candidates);
void free_candidates(Candidates *candidates);
/* Append what the needles [from, to), a group, have found and is a form, in the order of the text. Stops behind `most` matches that answer
   `answer`; most 0: no limit; answer below 0: all count. */
int add_matches(const ShownText *text, const Scan *scan, const Candidates *candidates, size_t from, size_t to, int answer,
                size_t most, PyObject *match_word, Places *matches);
int add_place(Places *places, Place place);
/* Append a sequence of pairs (start, end). */
int add_spans(PyObject *pairs, Places *places);

/* -- words of a text, see needles.c */

int is_word_at(const ShownText *text, Py_ssize_t place);
int is_mark(Py_UCS4 c);
/* Whether the full stop at `place` belongs to .NET. */
int is_net(const ShownText *text, Py_ssize_t place);
/* The end of the word that begins at `begin`, as WORD of the tokenizer finds it; -1: none; -2: an exception is set. */
Py_ssize_t end_of_word(const ShownText *text, Py_ssize_t begin, PyObject *match_word);
/* What the word at [begin, end) answers: 1 and its mask if it is a form of the query, else 0. See forms.c. */
int mask_at(const ShownText *text, const Scan *scan, Py_ssize_t begin, Py_ssize_t end, Mask *mask);
/* Whether the word at [begin, end) may be a word of a phrase, of a scan that has a table. Below 0: an exception is set. */
int part_at(const ShownText *text, const Scan *scan, Py_ssize_t begin, Py_ssize_t end, size_t part);
/* (form, what it answers) of the word at [begin, end) if it is a form of the query, else None; NULL with an exception. */
PyObject *known_of(const ShownText *text, const Scan *scan, Py_ssize_t begin, Py_ssize_t end);

/* A word of the query. */
typedef struct {
    size_t quick, quick_end, thorough, thorough_end; /* its needles */
    size_t count; /* of beginnings and short forms */
} Asked;

/* A phrase: the forms of each of its words, and the word by which it is looked for. */
typedef struct {
    PyObject *forms; /* a tuple of frozensets; NULL if the table has them */
    size_t first_part, count; /* its words, among those of all phrases */
    size_t anchor, needle, needle_end;
} Phrase;

typedef struct {
    int looked_up, exists;
    Scan scan;
} StandIn;

typedef struct {
    PyObject_HEAD
    Scan scan; /* the needles of all words */
    Asked *asked;
    size_t asked_count;
    Phrase *phrases;
    size_t phrase_count;
    StandIn *stand_ins; /* one a word */
    Mask with_stand_ins;
    PyObject *words; /* a tuple of words of a collection, if they are given in place of needles; else NULL */
    PyObject *phrase_at; /* (start, end) of the words of a phrase around its anchor, or None */
    PyObject *stand_in; /* gives (needles, matcher) of the stand-ins of a word, or None */
    PyObject *marks; /* Finder.marks */
    PyObject *match_word; /* WORD.match */
    PyObject *may_hide; /* may_hide_words */
    SentenceRules *rules;
    RecordMaker *maker; /* of snippets */
    Choice choice;
} Highlighter;

extern PyTypeObject HighlighterType;

/* Words of a collection, in place of their needles: words, or words of which any will do in a tuple. Those with a stem have stand-ins, but
   for these. Below 0: an exception is set, NotImplementedError if only Python can look for a word. See beginnings.c. */
int take_words_of_collection(Highlighter *self, PyObject *words);
/* A phrase of such words, behind all single ones. first_part: how many words the phrases before it have. */
int take_phrase_of_collection(Highlighter *self, PyObject *given, size_t first_part, Phrase *phrase);
/* Add the needles of the other forms of a stem to a scan that has a table. 1: added; 0: only Python can tell. own: the forms of all words. */
int seek_stem(Scan *scan, const Word *word, size_t answer, const Answers *own);

/* What was found in a text. missing: as in finder.py. unsure: words that may have more places; or any word may. */
typedef struct {
    Places places;
    Mask missing, unsure;
    int is_any_unsure;
} Found;

/* 1: found; 0: only Python can tell; below 0: an exception is set. absent_words, absent_stand_ins: as in finder.py. */
int find_places(Highlighter *self, const ShownText *text, Mask absent_words, Mask absent_stand_ins, Found *found);
/* The needles of the stand-ins of a word; NULL if it has none, or with an exception. */
StandIn *stand_in_of(Highlighter *self, size_t answer);
/* Add the places of phrases that have room for more. Without `asks`: 1 if only Python can tell. */
int add_phrases(const ShownText *text, Highlighter *self, const Candidates *candidates, size_t *room, int asks, Places *found);
/* As may_hide_words in needles.py, in [from, to). Below 0: an exception is set. See marks.c. */
int may_hide_words(Highlighter *self, const ShownText *text, Py_ssize_t from, Py_ssize_t to);
/* The marks of a passage, in the text, and of a title. 1: found; 0: only Python can tell; below 0: an exception. See marks.c. */
int find_marks(Highlighter *self, const ShownText *text, const Passage *passage, const Found *found, const Place *places,
               Places *marks);
int find_title_marks(Highlighter *self, const ShownText *title, Mask missing, Places *marks);
/* Sort places, and make one of those that begin together. */
void put_in_order(Places *places);

#endif
