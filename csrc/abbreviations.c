/* Whether a period belongs to an abbreviation. indexer/analysis/sentences.py is the definition, and has the reasons. */
#include "finder.h"

enum { LOOKBEHIND = 32, LONGEST_RULED = 31 };

/* What a word of the tables is, as bits. */
enum { UNFINISHED = 1, BEFORE_NAME = 2, WORD_TOO = 4, EITHER = 8, STARTER = 16 };

struct SentenceRules {
    PyObject_HEAD
    Answers words; /* in small letters */
};

/* -- words */

/* The small letters of [from, to), and whether it has had others. Gives their number; 0 if no word of the tables has these letters. */
static size_t small_letters(const ShownText *text, Py_ssize_t from, Py_ssize_t to, Py_UCS2 *letters, int *is_small)
{
    *is_small = 1;
    if (to - from > LONGEST_RULED || to <= from)
        return 0;
    for (Py_ssize_t place = from; place < to; place++) {
        Py_UCS4 c = at(text, place), small = c;
        if (c < 128)
            small = c - 'A' < 26u ? c + 32 : c;
        else if (is_russian(c))
            small = c == 0x401 ? 0x451 : c < 0x430 ? c + 32 : c;
        else if (c == 0x130 || c == 0x3a3 || (small = Py_UNICODE_TOLOWER(c)) > 0xffff)
            return 0; /* in small letters these two are other letters than any of the tables */
        *is_small &= small == c;
        letters[place - from] = (Py_UCS2)small;
    }
    return (size_t)(to - from);
}

static int kinds_of(const Language *language, const Py_UCS2 *letters, size_t length)
{
    const Answer *known = answer_of(&language->rules->words, letters, length);
    return known ? (int)known->mask.low : 0;
}

int is_unfinished(const ShownText *text, const Language *language, Py_ssize_t from, Py_ssize_t to)
{
    Py_UCS2 letters[LONGEST_RULED];
    int is_small;
    size_t length = small_letters(text, from, to, letters, &is_small);
    return kinds_of(language, letters, length) & UNFINISHED;
}

/* -- the rule */

static int are_digits(const ShownText *text, Py_ssize_t from, Py_ssize_t to)
{
    Py_ssize_t place = from;
    while (place < to && Py_UNICODE_ISDIGIT(at(text, place)))
        place++;
    return place == to && from < to;
}

/* As str.islower. */
static int are_small(const ShownText *text, Py_ssize_t from, Py_ssize_t to)
{
    int cased = 0;
    for (Py_ssize_t place = from; place < to; place++) {
        Py_UCS4 c = at(text, place);
        if (Py_UNICODE_ISUPPER(c) || Py_UNICODE_ISTITLE(c))
            return 0;
        cased |= Py_UNICODE_ISLOWER(c);
    }
    return cased;
}

/* Whether a sentence hardly ever goes on behind an abbreviation with the word at `from`. */
static int is_starter(const ShownText *text, const Language *language, Py_ssize_t from, Py_ssize_t reach)
{
    Py_UCS2 letters[LONGEST_RULED];
    Py_ssize_t to = from;
    int is_small;
    while (to < reach && (is_word_character(at(text, to)) || at(text, to) == '_'))
        to++;
    size_t length = small_letters(text, from, to, letters, &is_small);
    return kinds_of(language, letters, length) & STARTER;
}

/* Whether [from, to) is letters with periods between them, the last of them a capital. */
static int are_initials(const ShownText *text, Py_ssize_t from, Py_ssize_t to)
{
    if ((to - from) % 2 == 0)
        return 0;
    for (Py_ssize_t place = from; place < to; place++)
        if ((place - from) % 2 ? at(text, place) != '.' : !is_letter(at(text, place)))
            return 0;
    return Py_UNICODE_ISUPPER(at(text, to - 1));
}

int is_abbreviation(const ShownText *text, const Language *language, Py_ssize_t sentence, Py_ssize_t period, Py_ssize_t ahead,
                    Py_ssize_t reach)
{
    Py_ssize_t low = period - LOOKBEHIND > sentence ? period - LOOKBEHIND : sentence, word = period;
    Py_UCS2 letters[LONGEST_RULED];
    int has_letters = 1, is_small;
    while (word > low && at(text, word - 1) != ' ')
        has_letters &= is_letter(at(text, --word));
    if (has_letters && period - word > 2
        && !(kinds_of(language, letters, small_letters(text, word, period, letters, &is_small)) & (BEFORE_NAME | EITHER)))
        return 0;
    Py_ssize_t end = strip_blanks(text, low, period), start = end;
    if (end == low)
        return 0;
    while (start > low && !is_blank(at(text, start - 1)))
        start--;
    /* The word before this one, if there is one. */
    Py_ssize_t before_end = strip_blanks(text, low, start), before = before_end;
    while (before > low && !is_blank(at(text, before - 1)))
        before--;
    int is_first = before == before_end;
    while (start < end && is_opening_mark(at(text, start)))
        start++;
    if (is_first && period - sentence <= 4 && (end - start == 1 || are_digits(text, start, end)))
        return 1; /* an item number */
    int kinds = kinds_of(language, letters, small_letters(text, start, end, letters, &is_small));
    int measured = !is_first && Py_UNICODE_ISDIGIT(at(text, before_end - 1));
    if ((kinds & BEFORE_NAME) && !(measured && (kinds & EITHER)))
        return Py_UNICODE_ISDIGIT(at(text, ahead)) || !((kinds & WORD_TOO) && is_small);
    if ((kinds & EITHER) && (end - start > 1 || is_small)) {
        Py_UCS4 only = end - start == 1 ? at(text, start) : 0;
        if ((only == 0x433 || only == 0x441 || only == 0x43c) && !is_first && !measured)
            return 1; /* г. Алматы, с. Каскелен, м. Охотный Ряд */
        return !is_starter(text, language, ahead, reach);
    }
    if (end - start == 1 && at(text, start) == 'I' && !is_first && are_small(text, before, before_end))
        return 0;
    return are_initials(text, start, end);
}

/* -- the object */

static int take_words(Answers *table, PyObject *words)
{
    PyObject *string, *number;
    Py_ssize_t position = 0;
    while (PyDict_Next(words, &position, &string, &number)) {
        Py_UCS2 letters[LONGEST_RULED];
        Mask kinds;
        int is_small = 0;
        size_t length = 0;
        if (PyUnicode_Check(string)) {
            ShownText word = text_of(string);
            length = small_letters(&word, 0, word.size, letters, &is_small);
        }
        if (!length || !is_small) {
            PyErr_SetString(PyExc_ValueError, "no word in small letters");
            return -1;
        }
        if (take_mask(number, &kinds) < 0 || add_answer(table, letters, length, (Mask){kinds.low & 31, 0}) < 0)
            return -1;
    }
    return 0;
}

/* SentenceRules(words: dict[str, int]) */
static PyObject *rules_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *words;
    (void)keywords;
    if (!PyArg_ParseTuple(args, "O!", &PyDict_Type, &words))
        return NULL;
    SentenceRules *self = (SentenceRules *)type->tp_alloc(type, 0);
    if (self && take_words(&self->words, words) < 0)
        Py_CLEAR(self);
    return (PyObject *)self;
}

static void rules_dealloc(SentenceRules *self)
{
    free_answers(&self->words);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

PyTypeObject SentenceRulesType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.SentenceRules",
    .tp_basicsize = sizeof(SentenceRules),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = rules_new,
    .tp_dealloc = (destructor)rules_dealloc,
};
