/* English: the table of English forms, and the lemmas of many words by it; analysis/lemmatize/english.py is the definition. */
#include "english.h"

enum { FORM = 1, CLOSED = 2, LEFT_OUT = 4, IS_NAME = 8 };

/* -- the table */

/* The number of a string, which is added if it is not there; -1 with an exception. */
static int64_t number_of(English *self, PyObject *string)
{
    Letters word;
    if (!as_letters(string, &word)) {
        PyErr_SetString(PyExc_ValueError, "not a string of the table");
        return -1;
    }
    uint32_t hash = hash_of(&self->strings, word.units, word.length);
    const Spelling *slot = find_spelling(&self->strings, hash, word.units, word.length);
    if (slot->number != NO_NUMBER)
        return slot->number;
    Entry *entries = with_room(self->entries, &self->entry_room, self->strings.count, sizeof(Entry));
    if (entries)
        self->entries = entries;
    uint32_t number = (uint32_t)self->strings.count;
    size_t offset = self->strings.unit_count;
    if (!entries || add_spelling(&self->strings, hash, word.units, word.length, number)) {
        PyErr_NoMemory();
        return -1;
    }
    entries[number] = (Entry){(uint32_t)offset, 0, word.length, 0, 0};
    return number;
}

static int add_flags(English *self, PyObject *words, uint8_t flags)
{
    PyObject *iterator = PyObject_GetIter(words), *word;
    while (iterator && (word = PyIter_Next(iterator))) {
        int64_t number = number_of(self, word);
        Py_DECREF(word);
        if (number < 0)
            break;
        self->entries[number].flags |= flags;
    }
    Py_XDECREF(iterator);
    return PyErr_Occurred() ? -1 : 0;
}

static int add_form(English *self, PyObject *form, PyObject *lemmas)
{
    if (!PyTuple_Check(lemmas) || PyTuple_GET_SIZE(lemmas) > UINT8_MAX) {
        PyErr_SetString(PyExc_ValueError, "the lemmas of a form are a tuple");
        return -1;
    }
    int64_t number = number_of(self, form);
    if (number < 0)
        return -1;
    size_t first = self->lemma_count;
    for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(lemmas); place++) {
        int64_t lemma = number_of(self, PyTuple_GET_ITEM(lemmas, place));
        if (lemma < 0)
            return -1;
        uint32_t *numbers = with_room(self->lemmas, &self->lemma_room, self->lemma_count, sizeof(uint32_t));
        if (!numbers) {
            PyErr_NoMemory();
            return -1;
        }
        self->lemmas = numbers;
        numbers[self->lemma_count++] = (uint32_t)lemma;
    }
    Entry *entry = &self->entries[number];
    entry->first_lemma = (uint32_t)first;
    entry->lemma_count = (uint8_t)PyTuple_GET_SIZE(lemmas);
    entry->flags |= FORM;
    return 0;
}

static int add_forms(English *self, PyObject *forms)
{
    PyObject *form, *lemmas;
    Py_ssize_t place = 0;
    if (!PyDict_Check(forms)) {
        PyErr_SetString(PyExc_TypeError, "the forms are a dict");
        return -1;
    }
    while (PyDict_Next(forms, &place, &form, &lemmas))
        if (add_form(self, form, lemmas) < 0)
            return -1;
    return 0;
}

const Entry *entry_of(const English *self, const Letters *word)
{
    uint32_t number = number_of_word(&self->strings, word);
    return number == NO_NUMBER ? NULL : &self->entries[number];
}

Letters letters_of(const English *self, const Entry *entry)
{
    Letters word;
    word.length = entry->length;
    memcpy(word.units, self->strings.units + entry->offset, word.length * sizeof(uint16_t));
    return word;
}

int is_form(const Entry *entry) { return entry && entry->flags & FORM; }
int is_closed(const Entry *entry) { return entry && entry->flags & CLOSED; }
int is_left_to_python(const Entry *entry) { return entry && entry->flags & LEFT_OUT; }
int is_common_entry(const Entry *entry) { return entry && entry->flags & (FORM | CLOSED) && !(entry->flags & IS_NAME); }

int is_own_lemma(const English *self, const Entry *entry)
{
    for (size_t place = 0; is_form(entry) && place < entry->lemma_count; place++)
        if (&self->entries[self->lemmas[entry->first_lemma + place]] == entry)
            return 1;
    return 0;
}

static PyObject *english_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"forms", "names", "closed", "left_out", "british", "american", NULL};
    const uint64_t seeds[] = {0, 0x9E3779B97F4A7C15}; /* nobody else chooses these words */
    PyObject *forms, *proper, *closed, *left_out, *british, *american;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OOOOOO", names, &forms, &proper, &closed, &left_out, &british, &american))
        return NULL;
    English *self = (English *)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    if (make_spellings(&self->strings, seeds)) {
        PyErr_NoMemory();
        Py_CLEAR(self);
        return NULL;
    }
    int failed = add_forms(self, forms) || add_flags(self, proper, IS_NAME) || add_flags(self, closed, CLOSED)
        || add_flags(self, left_out, LEFT_OUT) || make_pieces(&self->british, british) || make_pieces(&self->american, american);
    if (!failed && self->british.count != self->american.count) {
        PyErr_SetString(PyExc_ValueError, "each British ending has an American one");
        failed = 1;
    }
    if (failed)
        Py_CLEAR(self);
    return (PyObject *)self;
}

static void english_dealloc(English *self)
{
    if (self->strings.slots)
        free_spellings(&self->strings);
    PyMem_RawFree(self->entries);
    PyMem_RawFree(self->lemmas);
    free_pieces(&self->british);
    free_pieces(&self->american);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

/* -- as a table for Python */

static const Entry *entry_of_object(const English *self, PyObject *object)
{
    Letters word;
    return as_letters(object, &word) ? entry_of(self, &word) : NULL;
}

static int english_contains(English *self, PyObject *form)
{
    return is_form(entry_of_object(self, form));
}

static PyObject *english_get(English *self, PyObject *args)
{
    PyObject *form, *otherwise;
    if (!PyArg_ParseTuple(args, "OO", &form, &otherwise))
        return NULL;
    const Entry *entry = entry_of_object(self, form);
    if (!is_form(entry))
        return Py_NewRef(otherwise);
    PyObject *lemmas = PyTuple_New(entry->lemma_count);
    for (size_t place = 0; lemmas && place < entry->lemma_count; place++) {
        const Entry *lemma = &self->entries[self->lemmas[entry->first_lemma + place]];
        PyObject *string = PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, self->strings.units + lemma->offset, lemma->length);
        if (!string)
            Py_CLEAR(lemmas);
        else
            PyTuple_SET_ITEM(lemmas, (Py_ssize_t)place, string);
    }
    return lemmas;
}

static PyObject *english_is_name(English *self, PyObject *form)
{
    const Entry *entry = entry_of_object(self, form);
    return PyBool_FromLong(entry && entry->flags & IS_NAME);
}

static PyMethodDef english_methods[] = {
    {"get", (PyCFunction)english_get, METH_VARARGS, NULL},
    {"is_name", (PyCFunction)english_is_name, METH_O, NULL},
    {"lemmas", (PyCFunction)english_lemmas, METH_O, NULL},
    {"guesses", (PyCFunction)english_guesses, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PySequenceMethods english_as_sequence = {.sq_contains = (objobjproc)english_contains};

PyTypeObject EnglishType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.English",
    .tp_basicsize = sizeof(English),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = english_new,
    .tp_dealloc = (destructor)english_dealloc,
    .tp_methods = english_methods,
    .tp_as_sequence = &english_as_sequence,
};
