/* Derivation: the tables of endings, as search/bridges/derivation.py has read them. */
#include "derivation.h"

static int take_ending(PyObject *text, int softens, Ending *ending)
{
    size_t length = (size_t)PyBytes_GET_SIZE(text);
    if (length > LONGEST_ENDING) {
        PyErr_SetString(PyExc_ValueError, "an ending is too long");
        return -1;
    }
    ending->length = (uint8_t)length;
    ending->softens = softens != 0;
    memcpy(ending->text, PyBytes_AS_STRING(text), length);
    return 0;
}

static int by_ending(const void *left, const void *right)
{
    const Ending *one = &((const Line *)left)->ending, *other = &((const Line *)right)->ending;
    for (size_t back = 1; back <= one->length && back <= other->length; back++)
        if (one->text[one->length - back] != other->text[other->length - back])
            return one->text[one->length - back] < other->text[other->length - back] ? -1 : 1;
    return (one->length > other->length) - (one->length < other->length);
}

static PyObject *tuple_at(PyObject *tuple, size_t place)
{
    PyObject *item = PyTuple_GET_ITEM(tuple, (Py_ssize_t)place);
    if (PyTuple_Check(item))
        return item;
    PyErr_SetString(PyExc_TypeError, "lines and endings must be tuples");
    return NULL;
}

/* lines: ((ending, softens, shortest, ((other ending, softens), ...)), ...) */
static int take_lines(Language *language, PyObject *lines)
{
    size_t count = (size_t)PyTuple_GET_SIZE(lines), others = 0;
    language->lines = PyMem_RawCalloc(count + 1, sizeof(Line));
    if (!language->lines) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t number = 0; number < count; number++) {
        PyObject *text, *of_line, *given = tuple_at(lines, number);
        Line *line = &language->lines[number];
        Py_ssize_t shortest;
        int softens;
        if (!given || !PyArg_ParseTuple(given, "SpnO!", &text, &softens, &shortest, &PyTuple_Type, &of_line)
            || take_ending(text, softens, &line->ending) < 0)
            return -1;
        if (shortest > LONGEST) /* no word is so long */
            shortest = LONGEST + 1;
        line->shortest = (uint32_t)(shortest > 1 ? shortest : 1);
        if ((size_t)PyTuple_GET_SIZE(of_line) > UINT32_MAX - others) {
            PyErr_SetString(PyExc_ValueError, "too many endings");
            return -1;
        }
        line->first = (uint32_t)others;
        line->count = (uint32_t)PyTuple_GET_SIZE(of_line);
        Ending *room = PyMem_RawRealloc(language->others, (others + line->count + 1) * sizeof(Ending));
        if (!room) {
            PyErr_NoMemory();
            return -1;
        }
        language->others = room;
        for (size_t place = 0; place < line->count; place++) {
            PyObject *other = tuple_at(of_line, place);
            if (!other || !PyArg_ParseTuple(other, "Sp", &text, &softens) || take_ending(text, softens, &language->others[others++]) < 0)
                return -1;
        }
        if (line->ending.length > language->longest)
            language->longest = line->ending.length;
    }
    language->line_count = count;
    qsort(language->lines, count, sizeof(Line), by_ending);
    return 0;
}

static int are_bytes(PyObject *tuple)
{
    int are = PyTuple_Check(tuple);
    for (Py_ssize_t place = 0; are && place < PyTuple_GET_SIZE(tuple); place++)
        are = PyBytes_Check(PyTuple_GET_ITEM(tuple, place));
    if (!are)
        PyErr_SetString(PyExc_TypeError, "words and endings must be tuples of bytes");
    return are;
}

static int take_language(Language *language, PyObject *given)
{
    PyObject *lines, *value;
    const uint8_t *pairs;
    Py_ssize_t size, place = 0;
    if (!PyArg_ParseTuple(given, "O!y#O!O!O!", &PyTuple_Type, &lines, &pairs, &size, &PyTuple_Type, &language->ended, &PyDict_Type,
                          &language->families, &PyDict_Type, &language->strangers)) {
        language->ended = language->families = language->strangers = NULL;
        return -1;
    }
    Py_INCREF(language->ended);
    Py_INCREF(language->families);
    Py_INCREF(language->strangers);
    for (Py_ssize_t pair = 0; pair + 1 < size; pair += 2)
        language->soft[pairs[pair]] = pairs[pair + 1];
    if (!are_bytes(language->ended))
        return -1;
    for (Py_ssize_t number = 0; number < PyTuple_GET_SIZE(language->ended); number++)
        if (PyBytes_GET_SIZE(PyTuple_GET_ITEM(language->ended, number)) == 1)
            language->ended_by[(uint8_t)PyBytes_AS_STRING(PyTuple_GET_ITEM(language->ended, number))[0]] = 1;
    while (PyDict_Next(language->families, &place, NULL, &value))
        if (!are_bytes(value))
            return -1;
    place = 0;
    while (PyDict_Next(language->strangers, &place, NULL, &value))
        if (!are_bytes(value))
            return -1;
    return take_lines(language, lines);
}

static PyObject *derivation_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *english, *russian;
    (void)keywords;
    if (!PyArg_ParseTuple(args, "O!O!", &PyTuple_Type, &english, &PyTuple_Type, &russian))
        return NULL;
    Derivation *self = (Derivation *)type->tp_alloc(type, 0);
    if (self && (take_language(&self->languages[0], english) < 0 || take_language(&self->languages[1], russian) < 0))
        Py_CLEAR(self);
    return (PyObject *)self;
}

static void derivation_dealloc(Derivation *self)
{
    for (int number = 0; number < 2; number++) {
        Language *language = &self->languages[number];
        PyMem_RawFree(language->lines);
        PyMem_RawFree(language->others);
        Py_XDECREF(language->ended);
        Py_XDECREF(language->families);
        Py_XDECREF(language->strangers);
    }
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyMethodDef derivation_methods[] = {
    {"relatives", derivation_relatives, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject DerivationType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.Derivation",
    .tp_basicsize = sizeof(Derivation),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = derivation_new,
    .tp_dealloc = (destructor)derivation_dealloc,
    .tp_methods = derivation_methods,
};
