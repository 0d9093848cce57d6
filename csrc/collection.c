/* Collection: one state of an index, with the numbers that scores are made of. */
#include "core.h"
#include <math.h>

double idf_of(double doc_count, double doc_freq)
{
    return log1p((doc_count - doc_freq + 0.5) / (doc_freq + 0.5));
}

static Status make_norms(Collection *self, size_t number)
{
    const Segment *segment = self->segments[number];
    double *norms = PyMem_RawMalloc(((size_t)segment->doc_count + 1) * sizeof(double));
    if (!norms)
        return NO_MEMORY;
    for (uint32_t doc = 0; doc < segment->doc_count; doc++) {
        double length = (double)title_length(segment, doc) + (double)body_length(segment, doc);
        norms[doc] = length_norm(length, self->average_text, &self->text);
    }
    self->norms[number] = norms;
    return FINE;
}

static int take_live(Collection *self, size_t number, PyObject *live)
{
    if (live == Py_None)
        return 0;
    if (PyObject_GetBuffer(live, &self->live[number], PyBUF_SIMPLE) < 0)
        return -1;
    if (self->live[number].len != (Py_ssize_t)self->segments[number]->doc_count) {
        PyErr_SetString(PyExc_ValueError, "there must be a byte for each document");
        return -1;
    }
    return 0;
}

static int take_segments(Collection *self, PyObject *segments, PyObject *live)
{
    size_t count = (size_t)PyTuple_GET_SIZE(segments);
    if ((size_t)PyTuple_GET_SIZE(live) != count) {
        PyErr_SetString(PyExc_ValueError, "segments and their live documents differ in number");
        return -1;
    }
    self->segments = PyMem_RawCalloc(count + 1, sizeof(Segment *));
    self->live = PyMem_RawCalloc(count + 1, sizeof(Py_buffer));
    self->norms = PyMem_RawCalloc(count + 1, sizeof(double *));
    if (!self->segments || !self->live || !self->norms) {
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
        if (self->segments[number]->doc_count > self->most_docs)
            self->most_docs = self->segments[number]->doc_count;
        if (take_live(self, number, PyTuple_GET_ITEM(live, number)) < 0)
            return -1;
        if (make_norms(self, number)) {
            PyErr_NoMemory();
            return -1;
        }
    }
    return 0;
}

/* With others a score might fall below 0, which marks documents without one. */
static int parameters_fit(const Collection *self)
{
    const FieldParameters *fields[] = {&self->text, &self->title, &self->pair};
    for (size_t place = 0; place < 3; place++)
        if (!(fields[place]->k1 >= 0 && fields[place]->b >= 0 && fields[place]->b <= 1 && fields[place]->weight >= 0))
            return 0;
    return self->doc_count >= 0 && self->lemma_weight >= 0 && self->stem_weight >= 0;
}

static PyObject *collection_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *segments, *live;
    (void)keywords;
    Collection *self = (Collection *)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    FieldParameters *text = &self->text, *title = &self->title, *pair = &self->pair;
    if (!PyArg_ParseTuple(args, "O!O!(ddd)(ddd)(ddd)(ddd)(ddd)", &PyTuple_Type, &segments, &PyTuple_Type, &live,
                          &self->doc_count, &self->average_text, &self->average_title, &text->k1, &text->b, &text->weight,
                          &title->k1, &title->b, &title->weight, &self->lemma_weight, &self->stem_weight, &self->idf_power,
                          &pair->k1, &pair->b, &pair->weight)) {
        Py_DECREF(self);
        return NULL;
    }
    if (!parameters_fit(self)) {
        PyErr_SetString(PyExc_ValueError, "a parameter out of range");
        Py_DECREF(self);
        return NULL;
    }
    if (take_segments(self, segments, live) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void collection_dealloc(Collection *self)
{
    for (size_t number = 0; number < self->segment_count; number++) {
        PyMem_RawFree(self->norms[number]);
        if (self->live[number].buf)
            PyBuffer_Release(&self->live[number]);
        Py_DECREF(self->segments[number]);
    }
    PyMem_RawFree(self->segments);
    PyMem_RawFree(self->live);
    PyMem_RawFree(self->norms);
    free_scratch(self->scratch);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyMethodDef collection_methods[] = {
    {"word", collection_word, METH_VARARGS, NULL},
    {"phrase", collection_phrase, METH_VARARGS, NULL},
    {"best", collection_best, METH_VARARGS, NULL},
    {"best_ids", collection_best_ids, METH_VARARGS, NULL},
    {"best_phrase_ids", collection_best_phrase_ids, METH_VARARGS, NULL},
    {"lacking", collection_lacking, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject CollectionType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.Collection",
    .tp_basicsize = sizeof(Collection),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = collection_new,
    .tp_dealloc = (destructor)collection_dealloc,
    .tp_methods = collection_methods,
};
