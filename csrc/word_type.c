/* The type Word: its attributes, and what it takes. */
#include "core.h"
#include <math.h>

static size_t bytes_of(const Sources *sources)
{
    size_t bytes = sources->count * sizeof(Source);
    for (size_t place = 0; place < sources->count; place++)
        bytes += sources->items[place].answers ? sources->items[place].form_count : 0;
    return bytes;
}

size_t bytes_of_word(const Word *word)
{
    size_t bytes = 200;
    for (size_t number = 0; number < word->collection->segment_count; number++) {
        const Part *part = &word->parts[number];
        /* Places are asked for later, so they are counted as if they were there. */
        bytes += sizeof(Part) + 20 * part->form_count + (part->made_docs ? 5 * part->own.count : 0) + (part->shared_docs ? 5 * part->shared.count : 0);
        bytes += bytes_of(&part->own_places) + bytes_of(&part->word_places) + 2 * sizeof(Source);
    }
    return bytes;
}

static void word_dealloc(Word *self)
{
    for (size_t number = 0; self->parts && number < self->collection->segment_count; number++) {
        Part *part = &self->parts[number];
        PyMem_RawFree(part->forms);
        PyMem_RawFree(part->made_docs);
        PyMem_RawFree(part->made_codes);
        PyMem_RawFree(part->shared_docs);
        PyMem_RawFree(part->shared_codes);
        free_sources(&part->own_places);
        free_sources(&part->word_places);
    }
    PyMem_RawFree(self->parts);
    Py_XDECREF(self->keys);
    Py_XDECREF(self->stem);
    Py_XDECREF(self->collection);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyObject *word_owned_bytes(Word *self, void *unused)
{
    (void)unused;
    return PyLong_FromSize_t(bytes_of_word(self));
}

static PyObject *word_postings(Word *self, void *unused)
{
    size_t postings = 0;
    (void)unused;
    for (size_t number = 0; number < self->collection->segment_count; number++)
        postings += self->parts[number].own.count + self->parts[number].stem.count;
    return PyLong_FromSize_t(postings);
}

static PyObject *word_weight(Word *self, void *unused)
{
    (void)unused;
    return PyFloat_FromDouble(self->own_weight + self->shared_weight + self->stem_weight);
}

static PyObject *word_first_weight(Word *self, void *unused)
{
    (void)unused;
    return PyFloat_FromDouble(self->own_freq ? self->own_weight : self->stem_weight);
}

static PyObject *word_idf(Word *self, void *unused)
{
    const Collection *collection = self->collection;
    double idf = self->own_freq ? self->idf : 0;
    (void)unused;
    if (self->stem_freq) {
        double of_stem = pow(idf_of(collection->doc_count, self->stem_freq), collection->idf_power);
        idf = of_stem > idf ? of_stem : idf;
    }
    return PyFloat_FromDouble(self->own_freq || self->stem_freq ? idf : 1.0);
}

static PyGetSetDef word_attributes[] = {
    {"owned_bytes", (getter)word_owned_bytes, NULL, NULL, NULL},
    {"postings", (getter)word_postings, NULL, NULL, NULL},
    {"weight", (getter)word_weight, NULL, NULL, NULL},
    {"first_weight", (getter)word_first_weight, NULL, NULL, NULL},
    {"idf", (getter)word_idf, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject WordType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.Word",
    .tp_basicsize = sizeof(Word),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = (destructor)word_dealloc,
    .tp_getset = word_attributes,
};
