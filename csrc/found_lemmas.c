/* Gathers the lemmas of many words without the GIL, and makes strings of them with it. */
#include "found_lemmas.h"

typedef struct {
    uint16_t *units; /* of all lemmas */
    size_t unit_count, unit_room;
    uint8_t *lengths; /* of each lemma */
    size_t length_room;
    uint8_t *common;
    size_t common_room, lemma_count;
    uint8_t *counts; /* for each word, how many lemmas it has */
} Found;

int has_lemma(const Lemmas *lemmas, const Letters *lemma)
{
    for (size_t place = 0; place < lemmas->count; place++)
        if (same_letters(&lemmas->items[place], lemma))
            return 1;
    return 0;
}

static Status put_found(Found *found, const Letters *lemma, uint8_t common)
{
    for (size_t place = 0; place < lemma->length; place++) {
        uint16_t *units = with_room(found->units, &found->unit_room, found->unit_count, sizeof(uint16_t));
        if (!units)
            return NO_MEMORY;
        found->units = units;
        units[found->unit_count++] = lemma->units[place];
    }
    uint8_t *lengths = with_room(found->lengths, &found->length_room, found->lemma_count, 1);
    if (lengths)
        found->lengths = lengths;
    uint8_t *flags = with_room(found->common, &found->common_room, found->lemma_count, 1);
    if (flags)
        found->common = flags;
    if (!lengths || !flags)
        return NO_MEMORY;
    lengths[found->lemma_count] = (uint8_t)lemma->length;
    flags[found->lemma_count++] = common;
    return FINE;
}

static Status find_all(const Text *texts, size_t count, FindLemmas find, void *state, Found *found)
{
    Lemmas lemmas;
    Status status = FINE;
    for (size_t number = 0; number < count && !status; number++) {
        status = find(state, &texts[number], &lemmas);
        for (size_t place = 0; !status && place < lemmas.count; place++)
            status = put_found(found, &lemmas.items[place], lemmas.common[place]);
        found->counts[number] = (uint8_t)lemmas.count;
    }
    return status;
}

/* The lemmas of one word; a lemma that is the word itself is the same object. */
static PyObject *tuple_of(const Found *found, PyObject *word, size_t count, size_t *lemma, size_t *unit)
{
    PyObject *lemmas = PyTuple_New((Py_ssize_t)count);
    for (size_t place = 0; lemmas && place < count; place++) {
        Py_ssize_t length = found->lengths[*lemma];
        PyObject *string = PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, found->units + *unit, length);
        if (string && length == PyUnicode_GET_LENGTH(word) && PyUnicode_Compare(string, word) == 0)
            Py_SETREF(string, Py_NewRef(word));
        if (!string)
            Py_CLEAR(lemmas);
        else
            PyTuple_SET_ITEM(lemmas, (Py_ssize_t)place, string);
        ++*lemma;
        *unit += (size_t)length;
    }
    return lemmas;
}

static PyObject *lists_of(const Found *found, PyObject *words)
{
    Py_ssize_t count = PyTuple_GET_SIZE(words);
    PyObject *every = PyList_New(count), *flags = PyList_New(count);
    size_t lemma = 0, unit = 0;
    int failed = !every || !flags;
    for (Py_ssize_t number = 0; !failed && number < count; number++) {
        size_t own = found->counts[number];
        PyObject *common = own ? PyBytes_FromStringAndSize((const char *)found->common + lemma, (Py_ssize_t)own) : Py_NewRef(Py_None);
        PyObject *lemmas = own ? tuple_of(found, PyTuple_GET_ITEM(words, number), own, &lemma, &unit) : Py_NewRef(Py_None);
        failed = !common || !lemmas;
        PyList_SET_ITEM(every, number, lemmas); /* NULL leaves it empty */
        PyList_SET_ITEM(flags, number, common);
    }
    PyObject *both = failed ? NULL : PyTuple_Pack(2, every, flags);
    Py_XDECREF(every);
    Py_XDECREF(flags);
    return both;
}

Text *texts_of(PyObject *given, PyObject **words)
{
    *words = PySequence_Tuple(given);
    size_t count = *words ? (size_t)PyTuple_GET_SIZE(*words) : 0;
    Text *texts = *words ? PyMem_RawCalloc(count + 1, sizeof(Text)) : NULL;
    int failed = !texts;
    if (*words && !texts)
        PyErr_NoMemory();
    for (size_t number = 0; number < count && !failed; number++)
        failed = as_text(PyTuple_GET_ITEM(*words, (Py_ssize_t)number), &texts[number]);
    if (failed) {
        PyMem_RawFree(texts);
        Py_CLEAR(*words);
        return NULL;
    }
    return texts;
}

PyObject *lists_of_lemmas(PyObject *given, FindLemmas find, void *state)
{
    PyObject *words, *lists = NULL;
    Text *texts = texts_of(given, &words);
    if (!texts)
        return NULL;
    size_t count = (size_t)PyTuple_GET_SIZE(words);
    Found found = {.counts = PyMem_RawCalloc(count + 1, 1)};
    if (!found.counts)
        PyErr_NoMemory();
    else {
        Status status;
        Py_BEGIN_ALLOW_THREADS
        status = find_all(texts, count, find, state, &found);
        Py_END_ALLOW_THREADS
        lists = status ? raise_status(status) : lists_of(&found, words);
    }
    PyMem_RawFree(texts);
    PyMem_RawFree(found.units);
    PyMem_RawFree(found.lengths);
    PyMem_RawFree(found.common);
    PyMem_RawFree(found.counts);
    Py_DECREF(words);
    return lists;
}
