/* Dawg: follows words through the double array of a dictionary; analysis/lemmatize/dawg.py says how it is laid out.

   A node is compared with the number of units before its unit is read: the file is of another package. */
#include "indexing.h"

enum { LONGEST_WORD = 128 }; /* no dictionary has a longer one */
static const uint32_t LABEL = 0x800000FF, EXTENSION = 0x200, YE = 0x435, YO = 0x451, WORD_END = 1;

typedef struct {
    PyObject_HEAD
    Py_buffer buffer;
    const uint32_t *units;
    size_t count;
} Dawg;

static inline uint32_t base_of(uint32_t node, uint32_t unit)
{
    return node ^ (unit >> 10) << ((unit & EXTENSION) >> 6);
}

/* The child of a node with this label; 0 if there is none. The node must be one. */
static inline uint32_t child_of(const Dawg *self, uint32_t node, uint32_t label)
{
    uint32_t child = base_of(node, self->units[node]) ^ label;
    return child < self->count && (self->units[child] & LABEL) == label ? child : 0;
}

/* The node that a character, as UTF-8, leads to. */
static inline uint32_t follow_character(const Dawg *self, uint32_t node, uint32_t character)
{
    if (character < 0x80)
        return child_of(self, node, character);
    if (character < 0x800)
        node = child_of(self, node, 0xC0 | character >> 6);
    else if (character < 0x10000) {
        node = child_of(self, node, 0xE0 | character >> 12);
        node = node ? child_of(self, node, 0x80 | (character >> 6 & 63)) : 0;
    } else {
        node = child_of(self, node, 0xF0 | character >> 18);
        node = node ? child_of(self, node, 0x80 | (character >> 12 & 63)) : 0;
        node = node ? child_of(self, node, 0x80 | (character >> 6 & 63)) : 0;
    }
    return node ? child_of(self, node, 0x80 | (character & 63)) : 0;
}

static PyObject *dawg_follow(Dawg *self, PyObject *args)
{
    Py_buffer key;
    unsigned int node = 0;
    if (!PyArg_ParseTuple(args, "y*|I", &key, &node))
        return NULL;
    if (node >= self->count) {
        PyBuffer_Release(&key);
        PyErr_SetString(PyExc_IndexError, "no such node");
        return NULL;
    }
    const uint8_t *labels = key.buf;
    for (Py_ssize_t place = 0; place < key.len; place++)
        if ((node = child_of(self, node, labels[place])) == 0)
            break;
    PyBuffer_Release(&key);
    return PyLong_FromUnsignedLong(node);
}

static PyObject *dawg_base(Dawg *self, PyObject *argument)
{
    unsigned long node = PyLong_AsUnsignedLong(argument);
    if (node == (unsigned long)-1 && PyErr_Occurred())
        return NULL;
    if (node >= self->count) {
        PyErr_SetString(PyExc_IndexError, "no such node");
        return NULL;
    }
    return PyLong_FromUnsignedLong(base_of((uint32_t)node, self->units[node]));
}

/* The search for the spellings of a word. */
typedef struct {
    const Dawg *dawg;
    uint32_t letters[LONGEST_WORD + 1];
    Py_ssize_t length;
    PyObject *found; /* a list of (spelling, node of its values); NULL: nothing but `own` and `others` is wanted */
    uint32_t own;    /* the node of the values of the word as it stands; 0 if it has none */
    int others;      /* whether it has values in other spellings */
} Spelt;

/* 0 for a word that is too long to be in a dictionary, -1 with an exception. */
static int begin_word(Spelt *spelt, const Dawg *dawg, PyObject *word, PyObject *found)
{
    if (!PyUnicode_Check(word)) {
        PyErr_SetString(PyExc_TypeError, "a word must be a str");
        return -1;
    }
    spelt->dawg = dawg;
    spelt->length = PyUnicode_GetLength(word);
    spelt->found = found;
    spelt->own = 0;
    spelt->others = 0;
    if (spelt->length < 0 || spelt->length > LONGEST_WORD)
        return spelt->length < 0 ? -1 : 0;
    return PyUnicode_AsUCS4(word, spelt->letters, LONGEST_WORD + 1, 0) ? 1 : -1;
}

static int put_spelling(Spelt *spelt, Py_ssize_t place, uint32_t values, int is_own)
{
    if (is_own)
        spelt->own = values;
    else
        spelt->others = 1;
    if (!spelt->found)
        return 0;
    PyObject *spelling = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, spelt->letters, spelt->length);
    PyObject *pair = spelling ? Py_BuildValue("(NI)", spelling, (unsigned int)values) : NULL;
    int failed = !pair || PyList_Insert(spelt->found, place, pair) < 0;
    Py_XDECREF(pair);
    return failed ? -1 : 0;
}

/* Find the spellings that the letters from `start` on may have, the word's own before the others. The dictionary has a word for
   each level, so they are few. */
static int find_similar(Spelt *spelt, Py_ssize_t start, uint32_t node, int is_own)
{
    Py_ssize_t place = spelt->found ? PyList_GET_SIZE(spelt->found) : 0;
    for (Py_ssize_t letter = start; letter < spelt->length; letter++) {
        uint32_t dotted = spelt->letters[letter] == YE ? follow_character(spelt->dawg, node, YO) : 0;
        if (dotted) {
            spelt->letters[letter] = YO;
            int failed = find_similar(spelt, letter + 1, dotted, 0);
            spelt->letters[letter] = YE;
            if (failed)
                return -1;
        }
        if ((node = follow_character(spelt->dawg, node, spelt->letters[letter])) == 0)
            return 0;
    }
    uint32_t values = child_of(spelt->dawg, node, WORD_END);
    return values ? put_spelling(spelt, place, values, is_own) : 0;
}

static PyObject *dawg_similar(Dawg *self, PyObject *word)
{
    Spelt spelt;
    PyObject *found = PyList_New(0);
    int begun = found ? begin_word(&spelt, self, word, found) : -1;
    if (begun < 0 || (begun && find_similar(&spelt, 0, 0, 1) < 0))
        Py_CLEAR(found);
    return found;
}

/* The node of the values of a word; 0 if it has none, or has some in other spellings, or the other dawg has the word. */
static int sole_node(const Dawg *self, const Dawg *other, uint32_t label, PyObject *word, uint32_t *node)
{
    Spelt spelt;
    int begun = begin_word(&spelt, self, word, NULL);
    if (begun < 0 || (begun && find_similar(&spelt, 0, 0, 1) < 0))
        return -1;
    *node = begun && !spelt.others ? spelt.own : 0;
    if (!*node || !other)
        return 0;
    uint32_t there = 0;
    for (Py_ssize_t letter = 0; letter < spelt.length; letter++)
        if ((there = follow_character(other, there, spelt.letters[letter])) == 0)
            return 0;
    if (child_of(other, there, label))
        *node = 0;
    return 0;
}

static PyObject *dawg_sole_nodes(Dawg *self, PyObject *args)
{
    PyObject *words, *other;
    int label;
    if (!PyArg_ParseTuple(args, "OOC", &words, &other, &label))
        return NULL;
    if (other != Py_None && Py_TYPE(other) != &DawgType) {
        PyErr_SetString(PyExc_TypeError, "not a Dawg");
        return NULL;
    }
    PyObject *list = PySequence_List(words);
    for (Py_ssize_t place = 0; list && place < PyList_GET_SIZE(list); place++) {
        uint32_t node;
        int failed = sole_node(self, other == Py_None ? NULL : (Dawg *)other, (uint32_t)label, PyList_GET_ITEM(list, place), &node);
        PyObject *number = failed ? NULL : PyLong_FromUnsignedLong(node);
        if (!number)
            Py_CLEAR(list);
        else
            PyList_SetItem(list, place, number);
    }
    return list;
}

static PyObject *dawg_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    (void)keywords;
    Dawg *self = (Dawg *)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    if (!PyArg_ParseTuple(args, "y*", &self->buffer)) {
        memset(&self->buffer, 0, sizeof(Py_buffer));
        Py_DECREF(self);
        return NULL;
    }
    self->units = self->buffer.buf;
    self->count = (size_t)self->buffer.len / sizeof(uint32_t);
    if (!self->count || self->buffer.len % (Py_ssize_t)sizeof(uint32_t) || (uintptr_t)self->buffer.buf % sizeof(uint32_t)) {
        PyErr_SetString(PyExc_ValueError, "the units of a dawg are 32-bit numbers, one at least");
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void dawg_dealloc(Dawg *self)
{
    if (self->buffer.obj)
        PyBuffer_Release(&self->buffer);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyMethodDef dawg_methods[] = {
    {"follow", (PyCFunction)dawg_follow, METH_VARARGS, NULL},
    {"base", (PyCFunction)dawg_base, METH_O, NULL},
    {"similar", (PyCFunction)dawg_similar, METH_O, NULL},
    {"sole_nodes", (PyCFunction)dawg_sole_nodes, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject DawgType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.Dawg",
    .tp_basicsize = sizeof(Dawg),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = dawg_new,
    .tp_dealloc = (destructor)dawg_dealloc,
    .tp_methods = dawg_methods,
};
