/* Collection: the lexicon of a state of an index, with the numbers that scores are made of. */
#include "lexicon.h"
#include <math.h>
#include <stddef.h>
#include <structmember.h>

double idf_of(double doc_count, double doc_freq)
{
    return log1p((doc_count - doc_freq + 0.5) / (doc_freq + 0.5));
}

static Status make_norms(Collection *self, size_t number)
{
    const Segment *segment = self->segments[number];
    double *norms = self->norms[number] = PyMem_RawMalloc(((size_t)segment->doc_count + 1) * sizeof(double));
    if (!norms)
        return NO_MEMORY;
    for (uint32_t doc = 0; doc < segment->doc_count; doc++) {
        double length = (double)title_length(segment, doc) + (double)body_length(segment, doc);
        norms[doc] = length_norm(length, self->average_text, &self->text);
    }
    return FINE;
}

enum { FEWEST_BOUNDED = 100000 };

static int take_lexicon(Collection *self, Lexicon *lexicon)
{
    Py_INCREF(lexicon);
    self->lexicon = lexicon;
    self->segments = lexicon->segments;
    self->live = lexicon->live;
    self->norms = PyMem_RawCalloc(lexicon->segment_count + 1, sizeof(double *));
    self->segment_count = self->norms ? lexicon->segment_count : 0;
    Status status = self->norms ? FINE : NO_MEMORY;
    for (size_t number = 0; number < self->segment_count && !status; number++) {
        status = make_norms(self, number);
    }
    if (!status)
        status = make_impact_bounds(self);
    if (status)
        raise_status(status);
    return status ? -1 : 0;
}

/* With others a score might fall below 0, which marks documents without one. */
static int parameters_fit(const Collection *self)
{
    const FieldParameters *fields[] = {&self->text, &self->title, &self->pair};
    for (size_t place = 0; place < 3; place++)
        if (!(fields[place]->k1 >= 0 && fields[place]->b >= 0 && fields[place]->b <= 1 && fields[place]->weight >= 0))
            return 0;
    return self->doc_count >= 0 && self->lemma_weight >= 0 && self->stem_weight >= 0 && self->shared_lemmas >= 0 && self->shared_lemmas <= 1;
}

static PyObject *collection_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *lexicon;
    (void)keywords;
    Collection *self = (Collection *)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    self->fewest_bounded = FEWEST_BOUNDED;
    FieldParameters *text = &self->text, *title = &self->title, *pair = &self->pair;
    if (!PyArg_ParseTuple(args, "O!(ddd)(ddd)(ddd)(dddd)(ddd)", &LexiconType, &lexicon, &self->doc_count, &self->average_text, &self->average_title, &text->k1, &text->b, &text->weight,
                          &title->k1, &title->b, &title->weight, &self->lemma_weight, &self->stem_weight, &self->idf_power, &self->shared_lemmas,
                          &pair->k1, &pair->b, &pair->weight)) {
        Py_DECREF(self);
        return NULL;
    }
    if (!parameters_fit(self)) {
        PyErr_SetString(PyExc_ValueError, "a parameter out of range");
        Py_DECREF(self);
        return NULL;
    }
    if (take_lexicon(self, (Lexicon *)lexicon) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void collection_dealloc(Collection *self)
{
    for (size_t number = 0; number < self->segment_count; number++) {
        PyMem_RawFree(self->norms[number]);
        if (self->levels)
            PyMem_RawFree(self->levels[number]);
    }
    PyMem_RawFree(self->norms);
    PyMem_RawFree(self->levels);
    PyMem_RawFree(self->most_impacts);
    PyMem_RawFree(self->most_of_titles);
    free_scratch(self->scratch);
    Py_XDECREF(self->lexicon);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyMethodDef collection_methods[] = {
    {"word", collection_word, METH_VARARGS, NULL},
    {"beginning", collection_beginning, METH_O, NULL},
    {"phrase", collection_phrase, METH_VARARGS, NULL},
    {"best", collection_best, METH_VARARGS, NULL},
    {"best_ids", collection_best_ids, METH_VARARGS, NULL},
    {"found", collection_found, METH_VARARGS, NULL},
    {"best_phrase_ids", collection_best_phrase_ids, METH_VARARGS, NULL},
    {"lacking", collection_lacking, METH_VARARGS, NULL},
    {"best_arms", collection_best_arms, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef collection_members[] = {
    {"fewest_bounded", T_PYSSIZET, offsetof(Collection, fewest_bounded), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyTypeObject CollectionType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.Collection",
    .tp_basicsize = sizeof(Collection),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = collection_new,
    .tp_dealloc = (destructor)collection_dealloc,
    .tp_methods = collection_methods,
    .tp_members = collection_members,
};
