/* Which words of a query each document of a page lacks. MatchedWords.absent in search/snippets is the definition. */
#include "mask.h"

static int has(const List *list, uint32_t doc)
{
    size_t row = seek_doc(list, 0, doc);
    return row < list->count && doc_of(list, row) == doc;
}

static PyObject *lacking_of(PyObject *words, uint32_t segment, uint32_t doc)
{
    Mask own = {0, 0}, any = {0, 0};
    for (Py_ssize_t number = 0; number < PyTuple_GET_SIZE(words); number++) {
        const Word *word = (const Word *)PyTuple_GET_ITEM(words, number);
        if ((PyObject *)word == Py_None)
            continue;
        const Part *part = &word->parts[segment];
        if (has(&part->own, doc))
            continue;
        own = both(own, mask_of((size_t)number));
        if (!word->with_stem || !has(&part->stem, doc))
            any = both(any, mask_of((size_t)number));
    }
    PyObject *first = mask_to_int(own), *second = mask_to_int(any), *pair = NULL;
    if (first && second)
        pair = PyTuple_Pack(2, first, second);
    Py_XDECREF(first);
    Py_XDECREF(second);
    return pair;
}

static int are_words(PyObject *collection, PyObject *words)
{
    for (Py_ssize_t number = 0; number < PyTuple_GET_SIZE(words); number++) {
        PyObject *word = PyTuple_GET_ITEM(words, number);
        if (word != Py_None && (Py_TYPE(word) != &WordType || (PyObject *)((Word *)word)->collection != collection)) {
            PyErr_SetString(PyExc_TypeError, "not a word of this collection");
            return 0;
        }
    }
    if (PyTuple_GET_SIZE(words) > MOST_ANSWERS) {
        PyErr_SetString(PyExc_ValueError, "too many words");
        return 0;
    }
    return 1;
}

PyObject *collection_lacking(PyObject *self, PyObject *args)
{
    const Collection *collection = (Collection *)self;
    PyObject *words, *found;
    if (!PyArg_ParseTuple(args, "O!O!", &PyTuple_Type, &words, &PyList_Type, &found) || !are_words(self, words))
        return NULL;
    PyObject *lacking = PyList_New(0);
    for (Py_ssize_t row = 0; lacking && row < PyList_GET_SIZE(found); row++) {
        unsigned int segment, doc;
        PyObject *both = NULL, *place = PyList_GET_ITEM(found, row);
        if (!PyTuple_Check(place))
            PyErr_SetString(PyExc_TypeError, "no place of a document");
        else if (!PyArg_ParseTuple(place, "II", &segment, &doc))
            ;
        else if (segment >= collection->segment_count)
            PyErr_SetString(PyExc_ValueError, "no such segment");
        else
            both = lacking_of(words, segment, doc);
        if (!both || PyList_Append(lacking, both) < 0)
            Py_CLEAR(lacking);
        Py_XDECREF(both);
    }
    return lacking;
}
