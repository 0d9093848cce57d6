/* Texts of documents, and what is known of their characters. Offsets are in code points, as in Python. */
#ifndef NAIDI_TEXT_H
#define NAIDI_TEXT_H

#include "core.h"

typedef struct {
    PyObject *object;
    int kind; /* bytes of a character */
    const void *data;
    Py_ssize_t size;
} ShownText;

static inline ShownText text_of(PyObject *string)
{
    return (ShownText){string, PyUnicode_KIND(string), PyUnicode_DATA(string), PyUnicode_GET_LENGTH(string)};
}

static inline Py_UCS4 at(const ShownText *text, Py_ssize_t place)
{
    return PyUnicode_READ(text->kind, text->data, place);
}

/* The letters of most texts are told without a call. */
static inline int is_latin(Py_UCS4 c) { return (c | 32) - 'a' < 26u; }
static inline int is_russian(Py_UCS4 c) { return c - 0x410 < 64u || c == 0x401 || c == 0x451; }
static inline int is_letter(Py_UCS4 c)
{
    return c < 128 ? is_latin(c) : is_russian(c) || Py_UNICODE_ISALPHA(c);
}
static inline int is_word_character(Py_UCS4 c) /* a letter or digit */
{
    return c < 128 ? is_latin(c) || c - '0' < 10u : is_russian(c) || Py_UNICODE_ISALNUM(c);
}
static inline int is_small(Py_UCS4 c)
{
    return c < 128 ? c - 'a' < 26u : Py_UNICODE_ISLOWER(c);
}
static inline int is_blank(Py_UCS4 c)
{
    return c < 128 ? c == ' ' || (c >= 9 && c <= 13) || (c >= 28 && c <= 31) : !is_russian(c) && Py_UNICODE_ISSPACE(c);
}
static inline int is_apostrophe(Py_UCS4 c) { return c == '\'' || c == 0x2019 || c == 0x2bc; }
static inline int is_terminator(Py_UCS4 c) { return c == '.' || c == '!' || c == '?' || c == 0x2026; }

/* A quote, bracket, dash or mark of Markdown that may stand before a sentence. */
static inline int is_opening_mark(Py_UCS4 c)
{
    switch (c) {
    case '"': case '\'': case '(': case '[': case '*': case '_': case '-':
    case 0x201c: case 0x2018: case 0x201e: case 0xab: case 0x2014: case 0x2013:
        return 1;
    default:
        return 0;
    }
}

/* The first place in [from, to) that is not blank, or `to`. */
static inline Py_ssize_t skip_blanks(const ShownText *text, Py_ssize_t from, Py_ssize_t to)
{
    while (from < to && is_blank(at(text, from)))
        from++;
    return from;
}

/* The end of [from, to) without its trailing blanks. */
static inline Py_ssize_t strip_blanks(const ShownText *text, Py_ssize_t from, Py_ssize_t to)
{
    while (to > from && is_blank(at(text, to - 1)))
        to--;
    return to;
}

/* Where the line of `place` begins; nothing before `floor` is looked at. */
static inline Py_ssize_t line_start(const ShownText *text, Py_ssize_t floor, Py_ssize_t place)
{
    while (place > floor && at(text, place - 1) != '\n')
        place--;
    return place > floor ? place : floor;
}

static inline Py_ssize_t count_lines(const ShownText *text, Py_ssize_t from, Py_ssize_t to)
{
    Py_ssize_t count = 0;
    for (; from < to; from++)
        count += at(text, from) == '\n';
    return count;
}

/* The length of [from, to) with its white space folded: each run as one space, none at the ends. */
Py_ssize_t folded_size(const ShownText *text, Py_ssize_t from, Py_ssize_t to);
/* The text itself so folded, perhaps with ellipses. */
PyObject *folded_text(const ShownText *text, Py_ssize_t from, Py_ssize_t to, int head, int tail);

/* The text that is UTF-8. See utf8.c. */
PyObject *core_decoded(PyObject *module, PyObject *text);

/* -- sentences */

/* The tables of indexer/analysis/sentences.py. */
typedef struct SentenceRules SentenceRules;
extern PyTypeObject SentenceRulesType;

/* What tells where sentences end, and whether memory has run out. Then no result counts. */
typedef struct {
    const SentenceRules *rules;
    int failed;
} Language;

/* Whether no heading ends at the word at [from, to). See abbreviations.c. */
int is_unfinished(const ShownText *text, const Language *language, Py_ssize_t from, Py_ssize_t to);
/* As in sentences.py. ahead: where the text that follows the period begins; it is not empty, and ends at `reach`. */
int is_abbreviation(const ShownText *text, const Language *language, Py_ssize_t sentence, Py_ssize_t period, Py_ssize_t ahead,
                    Py_ssize_t reach);

/* As in sentences.py: the start of the sentence around `position`, its end; -1 if it lies beyond `floor`, or past `ceiling`. */
Py_ssize_t sentence_start(const ShownText *text, Language *language, Py_ssize_t position, Py_ssize_t floor);
Py_ssize_t sentence_stop(const ShownText *text, Language *language, Py_ssize_t start, Py_ssize_t position, Py_ssize_t ceiling);

#endif
