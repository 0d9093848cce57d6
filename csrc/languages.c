/* CommonWords: counts what tells the language of a text; analysis/bulk/languages.py decides by the counts, and
   analysis/language.py says what a word is. */
#include "indexing.h"

enum { LONGEST_COMMON = 16, MOST_EDGES = 64 };
enum { WORDS, LETTERS, CYRILLIC_LETTERS, ENGLISH, OTHER_LATIN, ACCENTED, UNCLEAR, COUNTS };

typedef struct {
    PyObject_HEAD
    Spellings words; /* the number of each is its bits: 1 English, 2 another language */
    uint32_t edges[MOST_EDGES]; /* what may stand around a word */
    size_t edge_count;
} CommonWords;

static int is_edge(const CommonWords *self, uint32_t character)
{
    for (size_t place = 0; place < self->edge_count; place++)
        if (self->edges[place] == character)
            return 1;
    return 0;
}

static int is_russian(uint32_t c)
{
    return (c >= 0x410 && c <= 0x44F) || c == 0x401 || c == 0x451;
}

static int is_latin(uint32_t c)
{
    return (c < 0x80 && ((c | 32) >= 'a' && (c | 32) <= 'z')) || (c >= 0xC0 && c <= 0x24F) || (c >= 0x1E00 && c <= 0x1EFF);
}

/* Whether a letter behind a hard sign makes it Russian. Others have it as a vowel. */
static int is_soft_vowel(uint32_t c)
{
    switch (Py_UNICODE_TOLOWER(c)) {
    case 0x435: case 0x451: case 0x44E: case 0x44F: case 0x438: /* е ё ю я и */
        return 1;
    default:
        return 0;
    }
}

static inline void count_letter(const Text *text, int width, size_t place, uint32_t character, int64_t *counts)
{
    if (is_russian(character)) {
        int is_hard_sign = character == 0x42A || character == 0x44A;
        if (is_hard_sign && (place + 1 >= text->count || !is_soft_vowel(PyUnicode_READ(width, text->data, place + 1))))
            counts[UNCLEAR] = 1;
    } else if (!is_latin(character))
        counts[UNCLEAR] = 1;
    else if (character >= 0x80)
        counts[ACCENTED] = 1;
}

static inline void count_word(const CommonWords *self, const Text *text, int width, size_t start, size_t end, int64_t *counts)
{
    uint16_t units[LONGEST_COMMON + HASHED_AT_ONCE];
    counts[WORDS]++;
    counts[LETTERS] += (int64_t)(end - start);
    int may_be_common = end - start <= LONGEST_COMMON;
    for (size_t place = start; place < end; place++) {
        uint32_t character = PyUnicode_READ(width, text->data, place);
        counts[CYRILLIC_LETTERS] += is_russian(character);
        if (!may_be_common)
            continue;
        uint32_t small = Py_UNICODE_TOLOWER(character);
        if (small >= 0x10000 || character == 0x130) /* İ has two characters in small letters */
            may_be_common = 0;
        else
            units[place - start] = (uint16_t)small;
    }
    if (!may_be_common)
        return;
    uint32_t bits = find_spelling(&self->words, hash_of(&self->words, units, end - start), units, end - start)->number;
    if (bits != NO_NUMBER) {
        counts[ENGLISH] += bits & 1;
        counts[OTHER_LATIN] += bits >> 1 & 1;
    }
}

static inline void count_text(const CommonWords *self, const Text *text, int width, int64_t *counts)
{
    for (size_t place = 0; place < text->count;) {
        if (Py_UNICODE_ISSPACE(PyUnicode_READ(width, text->data, place))) {
            place++;
            continue;
        }
        /* What stands between white space is a word if it is letters alone, but for edges around them. */
        size_t start = place, end = place;
        int is_word = 1, has_letter = 0;
        for (; place < text->count; place++) {
            uint32_t character = PyUnicode_READ(width, text->data, place);
            if (Py_UNICODE_ISALPHA(character)) {
                count_letter(text, width, place, character, counts);
                is_word &= !has_letter || place == end;
                start = has_letter ? start : place;
                end = place + 1;
                has_letter = 1;
            } else if (Py_UNICODE_ISSPACE(character))
                break;
            else if (is_word && !is_edge(self, character))
                is_word = 0;
        }
        if (is_word && has_letter)
            count_word(self, text, width, start, end, counts);
    }
}

static void count_texts(const CommonWords *self, const Text *texts, size_t count, int64_t *counts)
{
    memset(counts, 0, count * COUNTS * sizeof(int64_t));
    for (size_t number = 0; number < count; number++, counts += COUNTS)
        if (texts[number].width == 1)
            count_text(self, &texts[number], 1, counts);
        else if (texts[number].width == 2)
            count_text(self, &texts[number], 2, counts);
        else
            count_text(self, &texts[number], 4, counts);
}

static PyObject *common_words_count(CommonWords *self, PyObject *argument)
{
    PyObject *list = PySequence_List(argument), *counts = NULL;
    if (!list)
        return NULL;
    size_t count = (size_t)PyList_GET_SIZE(list);
    Text *texts = PyMem_RawCalloc(count + 1, sizeof(Text));
    if (!texts)
        PyErr_NoMemory();
    else
        counts = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(count * COUNTS * sizeof(int64_t)));
    for (size_t number = 0; counts && number < count; number++)
        if (as_text(PyList_GET_ITEM(list, (Py_ssize_t)number), &texts[number]) < 0)
            Py_CLEAR(counts);
    if (counts) {
        Py_BEGIN_ALLOW_THREADS
        count_texts(self, texts, count, (int64_t *)(void *)PyBytes_AS_STRING(counts));
        Py_END_ALLOW_THREADS
    }
    PyMem_RawFree(texts);
    Py_DECREF(list);
    return counts;
}

static int add_common(CommonWords *self, PyObject *word, PyObject *bits)
{
    Text text;
    uint16_t units[LONGEST_COMMON + HASHED_AT_ONCE];
    if (as_text(word, &text) < 0)
        return -1;
    unsigned long number = PyLong_AsUnsignedLong(bits);
    if (number == (unsigned long)-1 && PyErr_Occurred())
        return -1;
    if (text.count > LONGEST_COMMON || text.width > 2 || number > 3) {
        PyErr_SetString(PyExc_ValueError, "no common word");
        return -1;
    }
    for (size_t place = 0; place < text.count; place++)
        units[place] = (uint16_t)PyUnicode_READ(text.width, text.data, place);
    if (add_spelling(&self->words, hash_of(&self->words, units, text.count), units, text.count, (uint32_t)number)) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static PyObject *common_words_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *words, *edges, *word, *bits;
    Text text;
    static const uint64_t seeds[2] = {0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93}; /* the words are ours: no need of random ones */
    (void)keywords;
    if (!PyArg_ParseTuple(args, "O!U", &PyDict_Type, &words, &edges) || as_text(edges, &text) < 0)
        return NULL;
    if (text.count > MOST_EDGES) {
        PyErr_SetString(PyExc_ValueError, "too many edges");
        return NULL;
    }
    CommonWords *self = (CommonWords *)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    for (self->edge_count = 0; self->edge_count < text.count; self->edge_count++)
        self->edges[self->edge_count] = PyUnicode_READ(text.width, text.data, self->edge_count);
    if (make_spellings(&self->words, seeds)) {
        PyErr_NoMemory();
        Py_DECREF(self);
        return NULL;
    }
    for (Py_ssize_t place = 0; PyDict_Next(words, &place, &word, &bits);)
        if (add_common(self, word, bits) < 0) {
            Py_DECREF(self);
            return NULL;
        }
    return (PyObject *)self;
}

static void common_words_dealloc(CommonWords *self)
{
    free_spellings(&self->words);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyMethodDef common_words_methods[] = {
    {"count", (PyCFunction)common_words_count, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject CommonWordsType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.CommonWords",
    .tp_basicsize = sizeof(CommonWords),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = common_words_new,
    .tp_dealloc = (destructor)common_words_dealloc,
    .tp_methods = common_words_methods,
};
