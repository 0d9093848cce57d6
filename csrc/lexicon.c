/* Lexicon: what an index knows of a word. search/collection.py is the definition. */
#include "lexicon.h"
#include <math.h>

/* Deleted documents are not counted in a longer list: it is taken to have the same share of them as its segment. */
enum { MOST_LOOKED_UP = 10000 };

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

/* What all segments know of the key at a place: its documents, whether a live one has it, whether it is common. */
static Status weigh_key(const Lexicon *lexicon, const Known *form, size_t place, double *docs, int *known, int *common)
{
    uint8_t string[LONGEST_STRING + 1];
    size_t length = 0;
    int is_first = 1;
    *docs = 0;
    *common = 0;
    for (size_t number = 0; number < lexicon->segment_count; number++) {
        int64_t key;
        Status status = FINE;
        if (form->count && number == form->segment)
            key = (int64_t)form->key_numbers[place];
        else {
            if (!length && (status = table_string(PyTuple_GET_ITEM(form->keys, (Py_ssize_t)place), string, &length)))
                return status;
            if (!length) /* no segment has it */
                return FINE;
            if ((status = find_string(lexicon->segments[number], KEYS_BYTES, string, length, &key)))
                return status;
        }
        if (key < 0)
            continue;
        if (is_first) {
            *common = form->count && number == form->segment && form->common >> place & 1;
            if (!*common && (status = is_common_key(lexicon->segments[number], (size_t)key, common)))
                return status;
        }
        is_first = 0;
        if (!*known && (status = has_key(lexicon, number, (size_t)key, known)))
            return status;
        if ((status = live_docs_of(lexicon, number, (size_t)key, docs)))
            return status;
    }
    *docs = rint(*docs);
    return FINE;
}

static Status take_keys(const Segment *segment, size_t form, Known *known)
{
    const Column *form_keys = section(segment, FORM_KEYS), *bits = section(segment, FORM_KEYS_COMMON);
    size_t begin, end;
    Status status = row_of(section(segment, FORM_KEYS_ENDS), form, form_keys->count, &begin, &end);
    if (status)
        return status;
    known->keys = PyTuple_New((Py_ssize_t)(end - begin));
    known->count = end - begin <= MOST_KEYS ? end - begin : 0;
    known->common = 0;
    for (size_t row = begin; known->keys && row < end; row++) {
        size_t key = (size_t)item(form_keys, row);
        PyObject *text = text_at(segment, KEYS_BYTES, key);
        if (!text) {
            Py_CLEAR(known->keys);
            break;
        }
        PyTuple_SET_ITEM(known->keys, (Py_ssize_t)(row - begin), text);
        if (known->count) {
            known->key_numbers[row - begin] = key;
            known->common |= (uint64_t)(bits->start[row >> 3] >> (7 - (row & 7)) & 1) << (row - begin);
        }
    }
    return FINE;
}

static Status weigh_keys(const Lexicon *lexicon, Known *known)
{
    known->docs = 0;
    known->is_known = 0;
    known->is_common = 1;
    for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(known->keys); place++) {
        double docs;
        int common;
        Status status = weigh_key(lexicon, known, (size_t)place, &docs, &known->is_known, &common);
        if (status)
            return status;
        known->docs = docs > known->docs ? docs : known->docs;
        known->is_common &= common;
    }
    return FINE;
}

int know_form(const Lexicon *lexicon, const uint8_t *form, size_t length, Known *known)
{
    for (size_t number = 0; number < lexicon->segment_count; number++) {
        const Segment *segment = lexicon->segments[number];
        int64_t found;
        Status status = find_string(segment, FORMS_BYTES, form, length, &found);
        if (!status && found < 0)
            continue;
        known->keys = known->stem = NULL;
        known->segment = number;
        if (!status)
            status = take_keys(segment, (size_t)found, known);
        if (known->keys) {
            known->stem_number = (size_t)item(section(segment, FORM_STEMS), (size_t)found);
            known->stem = text_at(segment, STEMS_BYTES, known->stem_number);
        }
        if (known->stem)
            status = weigh_keys(lexicon, known);
        if (status)
            raise_status(status);
        if (known->stem && !status)
            return 1;
        Py_XDECREF(known->keys);
        Py_XDECREF(known->stem);
        return -1;
    }
    return 0;
}

int form_has_key(const Lexicon *lexicon, const uint8_t *form, size_t length, PyObject *keys)
{
    for (size_t number = 0; number < lexicon->segment_count; number++) {
        const Segment *segment = lexicon->segments[number];
        const Column *form_keys = section(segment, FORM_KEYS);
        size_t begin, end;
        int64_t found;
        if (find_string(segment, FORMS_BYTES, form, length, &found))
            return -1;
        if (found < 0)
            continue;
        if (row_of(section(segment, FORM_KEYS_ENDS), (size_t)found, form_keys->count, &begin, &end) || begin == end)
            return -1;
        for (size_t row = begin; row < end; row++) {
            const uint8_t *key;
            size_t size;
            if (string_at(segment, KEYS_BYTES, (size_t)item(form_keys, row), &key, &size))
                return -1;
            for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(keys); place++) {
                Py_ssize_t other_size;
                const char *other = PyUnicode_AsUTF8AndSize(PyTuple_GET_ITEM(keys, place), &other_size);
                if (!other)
                    PyErr_Clear();
                if (!other || ((size_t)other_size == size && !memcmp(other, key, size)))
                    return other ? 1 : -1;
            }
        }
        return 0;
    }
    return -1;
}

/* known(form: str) */
static PyObject *lexicon_known(Lexicon *self, PyObject *form)
{
    Known known;
    uint8_t bytes[LONGEST_STRING + 1];
    size_t length;
    if (!PyUnicode_Check(form)) {
        PyErr_SetString(PyExc_TypeError, "a form is a string");
        return NULL;
    }
    if (table_string(form, bytes, &length))
        return PyErr_NoMemory();
    int found = length ? know_form(self, bytes, length, &known) : 0;
    if (found < 0)
        return NULL;
    if (!found)
        Py_RETURN_NONE;
    return Py_BuildValue("(NNdNN)", known.keys, known.stem, known.docs, PyBool_FromLong(known.is_known), PyBool_FromLong(known.is_common));
}

/* doc_freq(keys: tuple) */
static PyObject *lexicon_doc_freq(Lexicon *self, PyObject *keys)
{
    Known known = {.keys = keys};
    if (!PyTuple_Check(keys)) {
        PyErr_SetString(PyExc_TypeError, "keys come as a tuple");
        return NULL;
    }
    for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(keys); place++)
        if (!PyUnicode_Check(PyTuple_GET_ITEM(keys, place))) {
            PyErr_SetString(PyExc_TypeError, "a key is a string");
            return NULL;
        }
    Status status = weigh_keys(self, &known);
    return status ? raise_status(status) : PyLong_FromDouble(known.docs);
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
    {"doc_freq", (PyCFunction)lexicon_doc_freq, METH_O, NULL},
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
