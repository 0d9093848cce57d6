/* Lexicon: what an index knows of a word. search/collection.py is the definition. */
#include "lexicon.h"
#include <math.h>

/* Deleted documents are not counted in a longer list: it is taken to have the same share of them as its segment. */
enum { MOST_LOOKED_UP = 10000 };

size_t table_string(PyObject *string, uint8_t *bytes)
{
    Py_ssize_t length;
    const char *text = PyUnicode_AsUTF8AndSize(string, &length);
    if (!text || length >= LONGEST_STRING) {
        PyErr_Clear(); /* half of a surrogate pair, perhaps: no table has that either */
        return 0;
    }
    memcpy(bytes, text, (size_t)length);
    bytes[length] = '\n';
    return (size_t)length + 1;
}

Status string_at(const Segment *segment, int table, size_t number, const uint8_t **start, size_t *length)
{
    const Column *bytes = section(segment, table);
    size_t begin, end;
    Status status = row_of(section(segment, table + 1), number, bytes->count, &begin, &end);
    if (status || begin == end)
        return DAMAGED;
    *start = bytes->start + begin;
    *length = end - begin - 1;
    return FINE;
}

static PyObject *text_at(const Segment *segment, int table, size_t number)
{
    const uint8_t *start;
    size_t length;
    if (string_at(segment, table, number, &start, &length))
        return raise_status(DAMAGED);
    PyObject *text = PyUnicode_DecodeUTF8((const char *)start, (Py_ssize_t)length, NULL);
    if (!text && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        PyErr_Clear();
        return raise_status(DAMAGED);
    }
    return text;
}

Status is_common_key(const Segment *segment, size_t key, int *common)
{
    const Column *forms = section(segment, KEY_FORMS), *keys = section(segment, FORM_KEYS), *bits = section(segment, FORM_KEYS_COMMON);
    size_t begin, end, first, last;
    Status status = row_of(section(segment, KEY_FORMS_ENDS), key, forms->count, &begin, &end);
    *common = 0;
    for (size_t place = begin; !status && place < end; place++) {
        status = row_of(section(segment, FORM_KEYS_ENDS), (size_t)item(forms, place), keys->count, &first, &last);
        for (size_t row = first; !status && row < last; row++)
            if (item(keys, row) == key && bits->start[row >> 3] >> (7 - (row & 7)) & 1) {
                *common = 1;
                return FINE;
            }
    }
    return status;
}

/* The documents of a key of a segment: about how many of them are live. */
static Status live_docs_of(const Lexicon *lexicon, size_t number, size_t key, double *docs)
{
    const Segment *segment = lexicon->segments[number];
    const uint8_t *live = lexicon->live[number].buf;
    List list;
    Status status = list_of(segment, (size_t)item(section(segment, KEY_LISTS), key), &list);
    if (status)
        return status;
    if (!live)
        *docs += (double)list.count;
    else if (list.count > MOST_LOOKED_UP)
        *docs += (double)list.count * lexicon->live_share[number];
    else
        for (size_t row = 0; row < list.count; row++) {
            uint32_t doc = doc_of(&list, row);
            if (doc >= segment->doc_count)
                return DAMAGED;
            *docs += live[doc] != 0;
        }
    return FINE;
}

Status has_key(const Lexicon *lexicon, size_t number, size_t key, int *has)
{
    const Segment *segment = lexicon->segments[number];
    const uint8_t *live = lexicon->live[number].buf;
    List list;
    *has = 1;
    if (!live)
        return FINE;
    Status status = list_of(segment, (size_t)item(section(segment, KEY_LISTS), key), &list);
    for (size_t row = 0; !status && row < list.count; row++) {
        uint32_t doc = doc_of(&list, row);
        if (doc >= segment->doc_count)
            return DAMAGED;
        if (live[doc])
            return FINE;
    }
    *has = 0;
    return status;
}

/* What all segments know of a key; see `lexicon_known`. */
static Status weigh_key(const Lexicon *lexicon, const uint8_t *string, size_t length, double *docs, int *known, int *common)
{
    int is_first = 1;
    *docs = 0;
    *common = 0;
    for (size_t number = 0; number < lexicon->segment_count; number++) {
        int64_t key;
        Status status = find_string(lexicon->segments[number], KEYS_BYTES, string, length, &key);
        if (status)
            return status;
        if (key < 0)
            continue;
        if (is_first && (status = is_common_key(lexicon->segments[number], (size_t)key, common)))
            return status;
        is_first = 0;
        if (!*known && (status = has_key(lexicon, number, (size_t)key, known)))
            return status;
        if ((status = live_docs_of(lexicon, number, (size_t)key, docs)))
            return status;
    }
    *docs = rint(*docs);
    return FINE;
}

/* (keys, stem, documents of its most frequent key, whether any live one has a key, whether all keys are common) of a form. */
static PyObject *known_in(const Lexicon *lexicon, const Segment *segment, size_t form)
{
    const Column *form_keys = section(segment, FORM_KEYS);
    size_t begin, end;
    double most = 0;
    int known = 0, all_common = 1;
    Status status = row_of(section(segment, FORM_KEYS_ENDS), form, form_keys->count, &begin, &end);
    if (status)
        return raise_status(status);
    PyObject *keys = PyTuple_New((Py_ssize_t)(end - begin));
    for (size_t row = begin; keys && row < end; row++) {
        const uint8_t *start;
        size_t length;
        double docs;
        int common;
        size_t number = (size_t)item(form_keys, row);
        PyObject *key = text_at(segment, KEYS_BYTES, number);
        if (!key) {
            Py_DECREF(keys);
            return NULL;
        }
        PyTuple_SET_ITEM(keys, (Py_ssize_t)(row - begin), key);
        status = string_at(segment, KEYS_BYTES, number, &start, &length);
        if (!status)
            status = weigh_key(lexicon, start, length + 1, &docs, &known, &common);
        if (status) {
            Py_DECREF(keys);
            return raise_status(status);
        }
        most = docs > most ? docs : most;
        all_common &= common;
    }
    PyObject *stem = keys ? text_at(segment, STEMS_BYTES, (size_t)item(section(segment, FORM_STEMS), form)) : NULL;
    if (!stem) {
        Py_XDECREF(keys);
        return NULL;
    }
    return Py_BuildValue("(NNdNN)", keys, stem, most, PyBool_FromLong(known), PyBool_FromLong(all_common));
}

/* known(form: str) */
static PyObject *lexicon_known(Lexicon *self, PyObject *form)
{
    uint8_t bytes[LONGEST_STRING + 1];
    if (!PyUnicode_Check(form)) {
        PyErr_SetString(PyExc_TypeError, "a form is a string");
        return NULL;
    }
    size_t length = table_string(form, bytes);
    for (size_t number = 0; length && number < self->segment_count; number++) {
        int64_t found;
        Status status = find_string(self->segments[number], FORMS_BYTES, bytes, length, &found);
        if (status)
            return raise_status(status);
        if (found >= 0)
            return known_in(self, self->segments[number], (size_t)found);
    }
    Py_RETURN_NONE;
}

/* -- the type */

static int take_live(Lexicon *self, size_t number, PyObject *live)
{
    const uint32_t doc_count = self->segments[number]->doc_count;
    self->live_share[number] = 1;
    if (live == Py_None)
        return 0;
    if (PyObject_GetBuffer(live, &self->live[number], PyBUF_SIMPLE) < 0)
        return -1;
    if (self->live[number].len != (Py_ssize_t)doc_count) {
        PyErr_SetString(PyExc_ValueError, "there must be a byte for each document");
        return -1;
    }
    size_t count = 0;
    for (uint32_t doc = 0; doc < doc_count; doc++)
        count += ((const uint8_t *)self->live[number].buf)[doc] != 0;
    self->live_share[number] = doc_count ? (double)count / doc_count : 1;
    return 0;
}

static int take_segments(Lexicon *self, PyObject *segments, PyObject *live)
{
    size_t count = (size_t)PyTuple_GET_SIZE(segments);
    if ((size_t)PyTuple_GET_SIZE(live) != count) {
        PyErr_SetString(PyExc_ValueError, "segments and their live documents differ in number");
        return -1;
    }
    self->segments = PyMem_RawCalloc(count + 1, sizeof(Segment *));
    self->live = PyMem_RawCalloc(count + 1, sizeof(Py_buffer));
    self->live_share = PyMem_RawCalloc(count + 1, sizeof(double));
    if (!self->segments || !self->live || !self->live_share) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t number = 0; number < count; number++) {
        PyObject *segment = PyTuple_GET_ITEM(segments, number);
        if (Py_TYPE(segment) != &SegmentType) {
            PyErr_SetString(PyExc_TypeError, "not a Segment");
            return -1;
        }
        Py_INCREF(segment);
        self->segments[number] = (Segment *)segment;
        self->segment_count = number + 1;
        if (take_live(self, number, PyTuple_GET_ITEM(live, number)) < 0)
            return -1;
    }
    return 0;
}

static PyObject *lexicon_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *segments, *live;
    (void)keywords;
    if (!PyArg_ParseTuple(args, "O!O!", &PyTuple_Type, &segments, &PyTuple_Type, &live))
        return NULL;
    Lexicon *self = (Lexicon *)type->tp_alloc(type, 0);
    if (self && take_segments(self, segments, live) < 0)
        Py_CLEAR(self);
    return (PyObject *)self;
}

static void lexicon_dealloc(Lexicon *self)
{
    for (size_t number = 0; number < self->segment_count; number++) {
        if (self->live[number].obj)
            PyBuffer_Release(&self->live[number]);
        Py_DECREF(self->segments[number]);
    }
    PyMem_RawFree(self->segments);
    PyMem_RawFree(self->live);
    PyMem_RawFree(self->live_share);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyMethodDef lexicon_methods[] = {
    {"known", (PyCFunction)lexicon_known, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject LexiconType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.Lexicon",
    .tp_basicsize = sizeof(Lexicon),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = lexicon_new,
    .tp_dealloc = (destructor)lexicon_dealloc,
    .tp_methods = lexicon_methods,
};
