/* Skeletons: which skeletons may spellings of a word in the other alphabet have? search/bridges/near_skeletons.py is the definition,
   and has the tables. At most one letter is read otherwise here. */
#include "names.h"

enum { SYMBOLS = 64 };

/* Whether a character is in a text; an empty text is for any character. */
static int is_in(PyObject *text, Py_UCS4 character)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    return !length || PyUnicode_FindChar(text, character, 0, length, 1) >= 0;
}

/* The hash of the classes of a word, with those of one place, perhaps behind the last letter, read otherwise. See `skeleton_hash`. */
static uint32_t hash_of(const uint8_t *own, size_t count, size_t changed, PyObject *reading, int cyrillic)
{
    uint32_t hash = 1, power = 0x9E3779B1;
    uint8_t before[2] = {0, 0};
    size_t places = 0;
    for (size_t place = 0; place <= count; place++) {
        const uint8_t *classes = &own[place < count ? place : 0];
        size_t length = place < count && own[place];
        if (reading && place == changed) {
            classes = (const uint8_t *)PyBytes_AS_STRING(reading);
            length = (size_t)PyBytes_GET_SIZE(reading);
        }
        uint8_t now[2] = {length ? classes[0] : 0, length > 1 ? classes[1] : 0};
        if (now[0] != before[0] || now[1] != before[1])
            for (size_t number = 0; number < length; number++) {
                hash += classes[number] * power;
                power = ++places % 64 ? power * 0x9E3779B1 : 0x9E3779B1;
            }
        memcpy(before, now, 2);
    }
    hash = hash << 1 | (uint32_t)cyrillic;
    return hash ? hash : 2;
}

static void add_hash(Hashes *hashes, uint32_t hash)
{
    for (size_t place = 0; place < hashes->count; place++)
        if (hashes->items[place] == hash)
            return;
    if (hashes->count < MOST_HASHES)
        hashes->items[hashes->count++] = hash;
}

/* Add the hashes of the word with a place in each of the readings. */
static void add_readings(const uint8_t *own, size_t count, size_t place, PyObject *readings, int cyrillic, Hashes *hashes)
{
    for (Py_ssize_t number = 0; number < PyTuple_GET_SIZE(readings); number++) {
        PyObject *reading = PyTuple_GET_ITEM(readings, number);
        const uint8_t *classes = (const uint8_t *)PyBytes_AS_STRING(reading);
        size_t length = (size_t)PyBytes_GET_SIZE(reading);
        int same = place < count && (length == 1 ? classes[0] == own[place] : !length && !own[place]);
        if (place < count && (same || (length == 1 && place && classes[0] == own[place - 1])))
            continue;
        add_hash(hashes, hash_of(own, count, place, reading, cyrillic));
    }
}

/* The readings behind the last letter of a Cyrillic word; NULL for other words. */
static PyObject *silent_ends(const Skeletons *tables, Py_UCS4 last)
{
    if (last < 0x430 || last > 0x44F)
        return NULL;
    PyObject *letter = PyUnicode_FromOrdinal((int)last), *found = NULL;
    if (letter)
        found = PyDict_GetItemWithError(tables->ends, letter);
    Py_XDECREF(letter);
    return found ? found : tables->other_ends;
}

int add_skeletons(const Skeletons *tables, PyObject *word, Hashes *hashes)
{
    size_t count = (size_t)PyUnicode_GET_LENGTH(word);
    uint8_t symbols[MOST_LETTERS + 2] = {0}, own[MOST_LETTERS];
    if (!count || count > MOST_LETTERS)
        return 0;
    for (size_t place = 0; place < count; place++) {
        Py_UCS4 point = PyUnicode_READ_CHAR(word, (Py_ssize_t)place);
        symbols[place + 1] = point < 0x10000 ? ((const uint8_t *)tables->symbols.buf)[point] : 0;
        if (symbols[place + 1] >= SYMBOLS)
            return 0;
    }
    uint8_t before = 0;
    for (size_t place = 0; place < count; place++) {
        uint8_t class = ((const uint8_t *)tables->classes.buf)[symbols[place] << 12 | symbols[place + 1] << 6 | symbols[place + 2]];
        own[place] = class == before ? 0 : class;
        before = class;
    }
    int other = symbols[1] < tables->first_cyrillic; /* the alphabet that is looked for is Cyrillic */
    add_hash(hashes, hash_of(own, count, 0, NULL, other));
    for (size_t place = 0; place < count; place++) {
        Py_UCS4 letter = PyUnicode_READ_CHAR(word, (Py_ssize_t)place);
        Py_UCS4 left = place ? PyUnicode_READ_CHAR(word, (Py_ssize_t)place - 1) : '$';
        Py_UCS4 right = place + 1 < count ? PyUnicode_READ_CHAR(word, (Py_ssize_t)place + 1) : '$';
        for (Py_ssize_t number = 0; number < PyTuple_GET_SIZE(tables->readings); number++) {
            PyObject *row = PyTuple_GET_ITEM(tables->readings, number);
            if (PyUnicode_READ_CHAR(PyTuple_GET_ITEM(row, 0), 0) != letter || !is_in(PyTuple_GET_ITEM(row, 1), left)
                || !is_in(PyTuple_GET_ITEM(row, 2), right))
                continue;
            add_readings(own, count, place, PyTuple_GET_ITEM(row, 3), other, hashes);
            break;
        }
    }
    PyObject *ends = silent_ends(tables, PyUnicode_READ_CHAR(word, (Py_ssize_t)count - 1));
    if (ends)
        add_readings(own, count, count, ends, other, hashes);
    return PyErr_Occurred() ? -1 : 1;
}

/* -- the type */

static int are_readings(PyObject *readings)
{
    int are = PyTuple_Check(readings);
    for (Py_ssize_t place = 0; are && place < PyTuple_GET_SIZE(readings); place++)
        are = PyBytes_Check(PyTuple_GET_ITEM(readings, place)) && PyBytes_GET_SIZE(PyTuple_GET_ITEM(readings, place)) <= 2;
    return are;
}

static int are_rows(PyObject *rows)
{
    int are = 1;
    for (Py_ssize_t place = 0; are && place < PyTuple_GET_SIZE(rows); place++) {
        PyObject *row = PyTuple_GET_ITEM(rows, place);
        are = PyTuple_Check(row) && PyTuple_GET_SIZE(row) == 4 && are_readings(PyTuple_GET_ITEM(row, 3));
        for (Py_ssize_t number = 0; are && number < 3; number++)
            are = PyUnicode_Check(PyTuple_GET_ITEM(row, number));
        are = are && PyUnicode_GET_LENGTH(PyTuple_GET_ITEM(row, 0)) == 1;
    }
    return are;
}

static int are_ends(PyObject *ends)
{
    PyObject *key, *value;
    Py_ssize_t place = 0;
    int are = 1;
    while (are && PyDict_Next(ends, &place, &key, &value))
        are = are_readings(value);
    return are;
}

static PyObject *skeletons_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *symbols, *classes, *readings, *ends, *other_ends;
    int first_cyrillic;
    (void)keywords;
    if (!PyArg_ParseTuple(args, "OOiO!O!O!", &symbols, &classes, &first_cyrillic, &PyTuple_Type, &readings, &PyDict_Type, &ends,
                          &PyTuple_Type, &other_ends))
        return NULL;
    Skeletons *self = (Skeletons *)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    self->first_cyrillic = first_cyrillic;
    Py_INCREF(readings);
    self->readings = readings;
    Py_INCREF(ends);
    self->ends = ends;
    Py_INCREF(other_ends);
    self->other_ends = other_ends;
    if (PyObject_GetBuffer(symbols, &self->symbols, PyBUF_SIMPLE) < 0 || PyObject_GetBuffer(classes, &self->classes, PyBUF_SIMPLE) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    if (self->symbols.len != 0x10000 || self->classes.len != SYMBOLS * SYMBOLS * SYMBOLS || !are_rows(readings) || !are_ends(ends)
        || !are_readings(other_ends)) {
        PyErr_SetString(PyExc_ValueError, "the tables of skeletons have another form");
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static void skeletons_dealloc(Skeletons *self)
{
    if (self->symbols.obj)
        PyBuffer_Release(&self->symbols);
    if (self->classes.obj)
        PyBuffer_Release(&self->classes);
    Py_XDECREF(self->readings);
    Py_XDECREF(self->ends);
    Py_XDECREF(self->other_ends);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyMethodDef skeletons_methods[] = {
    {"may_be_names", skeletons_may_be_names, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject SkeletonsType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.Skeletons",
    .tp_basicsize = sizeof(Skeletons),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = skeletons_new,
    .tp_dealloc = (destructor)skeletons_dealloc,
    .tp_methods = skeletons_methods,
};
