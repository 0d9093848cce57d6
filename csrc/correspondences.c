/* Correspondences: how likely are a Latin and a Cyrillic spelling the same word? search/bridges/correspondences.py is the
   definition, and has the tables. The steps and their order are the same, so the costs are equal to the last bit. */
#include "names.h"

/* A cost above any that is reached. */
static const float INFINITE = 1e6f;

static int16_t step(const Side *side, int16_t state, uint8_t letter)
{
    return ((const int16_t *)side->steps.buf)[(size_t)state * side->letter_count + letter];
}

int read_letters(const Side *side, PyObject *word, Letters *letters)
{
    if (!PyUnicode_Check(word) || PyUnicode_GET_LENGTH(word) + 2 > MOST_LETTERS) {
        PyErr_Format(PyExc_ValueError, "not a word of at most %d letters", MOST_LETTERS - 2);
        return -1;
    }
    const uint8_t *numbers = side->letters.buf;
    letters->count = (size_t)PyUnicode_GET_LENGTH(word) + 2;
    letters->numbers[0] = numbers['^'];
    letters->numbers[letters->count - 1] = numbers['$'];
    for (size_t place = 0; place + 2 < letters->count; place++) {
        size_t point = PyUnicode_READ_CHAR(word, (Py_ssize_t)place);
        letters->numbers[place + 1] = numbers[point < (size_t)side->letters.len ? point : (size_t)side->letters.len - 1];
    }
    for (size_t length = 0; length < side->longest; length++)
        for (size_t place = 0; place + length < letters->count; place++)
            letters->reached[length][place] = step(side, length ? letters->reached[length - 1][place] : 1, letters->numbers[place + length]);
    return 0;
}

static void take_less(float *cost, float other)
{
    if (other < *cost)
        *cost = other;
}

float cost_of(const Side *own, const Letters *word, const Side *side, const Letters *other)
{
    float best[MOST_LETTERS + 1][MOST_LETTERS + 1], added[MOST_LETTERS + 1];
    const float *table = own->costs.buf;
    size_t count = other->count;
    added[0] = 0;
    for (size_t place = 0; place < count; place++)
        added[place + 1] = added[place] + table[side->state_count + (size_t)other->reached[0][place]];
    for (size_t row = 0; row <= word->count; row++)
        for (size_t place = 0; place <= count; place++)
            best[row][place] = INFINITE;
    best[0][0] = 0;
    for (size_t place = 0; place <= word->count; place++) {
        float *row = best[place], least = row[0] - added[0];
        /* First, letters of the other word that stand for nothing here. */
        for (size_t at = 0; at <= count; at++) {
            take_less(&least, row[at] - added[at]);
            row[at] = least + added[at];
        }
        int16_t state = 1;
        for (size_t length = 1; length <= own->longest && length <= word->count - place; length++) {
            state = step(own, state, word->numbers[place + length - 1]);
            if (!state)
                break;
            const float *costs = table + (size_t)state * side->state_count;
            float *target = best[place + length];
            if (costs[1] < INFINITE)
                for (size_t at = 0; at <= count; at++)
                    take_less(&target[at], row[at] + costs[1]);
            PyObject *sizes = PyTuple_GET_ITEM(own->sizes, state);
            for (Py_ssize_t which = 0; which < PyBytes_GET_SIZE(sizes); which++) {
                size_t size = (uint8_t)PyBytes_AS_STRING(sizes)[which];
                for (size_t at = 0; at + size <= count; at++)
                    take_less(&target[at + size], costs[other->reached[size - 1][at]] + row[at]);
            }
        }
    }
    return best[word->count][count];
}

/* costs(word: str, others: list[str], cyrillic: bool) */
static PyObject *correspondences_costs(Correspondences *self, PyObject *args)
{
    PyObject *word, *others;
    int cyrillic;
    Letters own, other;
    if (!PyArg_ParseTuple(args, "UO!p", &word, &PyList_Type, &others, &cyrillic))
        return NULL;
    const Side *side = &self->sides[cyrillic], *other_side = &self->sides[!cyrillic];
    if (read_letters(side, word, &own) < 0)
        return NULL;
    Py_ssize_t count = PyList_GET_SIZE(others);
    PyObject *costs = PyList_New(count);
    for (Py_ssize_t place = 0; costs && place < count; place++) {
        PyObject *cost = NULL;
        if (read_letters(other_side, PyList_GET_ITEM(others, place), &other) == 0)
            cost = PyFloat_FromDouble((double)cost_of(side, &own, other_side, &other));
        if (!cost)
            Py_CLEAR(costs);
        else
            PyList_SET_ITEM(costs, place, cost);
    }
    return costs;
}

/* -- the type */

static int take_buffer(PyObject *object, Py_buffer *buffer, const char *format, Py_ssize_t size)
{
    if (PyObject_GetBuffer(object, buffer, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0)
        return -1;
    if (buffer->itemsize == size && buffer->format && !strcmp(buffer->format, format))
        return 0;
    PyErr_SetString(PyExc_ValueError, "a table has numbers of another type");
    return -1;
}

/* (letters, steps, costs, sizes) of an alphabet. */
static int take_side(Side *side, PyObject *given)
{
    PyObject *letters, *steps, *costs, *sizes;
    if (!PyArg_ParseTuple(given, "OOOO!", &letters, &steps, &costs, &PyTuple_Type, &sizes))
        return -1;
    Py_INCREF(sizes);
    side->sizes = sizes;
    side->state_count = (size_t)PyTuple_GET_SIZE(sizes);
    if (take_buffer(letters, &side->letters, "B", 1) < 0 || take_buffer(steps, &side->steps, "h", 2) < 0
        || take_buffer(costs, &side->costs, "f", 4) < 0)
        return -1;
    side->letter_count = side->steps.ndim == 2 ? (size_t)side->steps.shape[1] : 0;
    for (size_t state = 0; state < side->state_count; state++) {
        PyObject *lengths = PyTuple_GET_ITEM(sizes, (Py_ssize_t)state);
        if (!PyBytes_Check(lengths)) {
            PyErr_SetString(PyExc_TypeError, "lengths of pieces are bytes");
            return -1;
        }
        for (Py_ssize_t place = 0; place < PyBytes_GET_SIZE(lengths); place++)
            if ((size_t)(uint8_t)PyBytes_AS_STRING(lengths)[place] > side->longest)
                side->longest = (uint8_t)PyBytes_AS_STRING(lengths)[place];
    }
    return 0;
}

/* Whether no number of the tables leads out of them. */
static int fits(const Side *side, const Side *other)
{
    const uint8_t *letters = side->letters.buf;
    const int16_t *steps = side->steps.buf;
    size_t count = (size_t)side->steps.len / 2;
    int good = side->state_count > 1 && other->state_count > 1 && side->letter_count && side->letters.len > 128
               && side->longest <= LONGEST_PIECE && count == side->state_count * side->letter_count
               && (size_t)side->costs.len / 4 == side->state_count * other->state_count;
    for (Py_ssize_t point = 0; good && point < side->letters.len; point++)
        good = letters[point] < side->letter_count;
    for (size_t place = 0; good && place < count; place++)
        good = steps[place] >= 0 && (size_t)steps[place] < side->state_count;
    for (size_t state = 0; good && state < side->state_count; state++) {
        PyObject *lengths = PyTuple_GET_ITEM(side->sizes, (Py_ssize_t)state);
        for (Py_ssize_t place = 0; good && place < PyBytes_GET_SIZE(lengths); place++)
            good = PyBytes_AS_STRING(lengths)[place] > 0;
    }
    return good;
}

static PyObject *correspondences_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *latin, *cyrillic;
    (void)keywords;
    if (!PyArg_ParseTuple(args, "O!O!", &PyTuple_Type, &latin, &PyTuple_Type, &cyrillic))
        return NULL;
    Correspondences *self = (Correspondences *)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    Side *sides = self->sides;
    if (take_side(&sides[0], latin) < 0 || take_side(&sides[1], cyrillic) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    /* The lengths that stand for a piece are those of pieces of the other alphabet. */
    size_t longest = sides[0].longest;
    sides[0].longest = sides[1].longest;
    sides[1].longest = longest;
    if (!fits(&sides[0], &sides[1]) || !fits(&sides[1], &sides[0])) {
        PyErr_SetString(PyExc_ValueError, "the tables do not fit together");
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static void correspondences_dealloc(Correspondences *self)
{
    for (int number = 0; number < 2; number++) {
        Side *side = &self->sides[number];
        Py_buffer *buffers[] = {&side->letters, &side->steps, &side->costs};
        for (int which = 0; which < 3; which++)
            if (buffers[which]->obj)
                PyBuffer_Release(buffers[which]);
        Py_XDECREF(side->sizes);
    }
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyMethodDef correspondences_methods[] = {
    {"costs", (PyCFunction)correspondences_costs, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject CorrespondencesType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.Correspondences",
    .tp_basicsize = sizeof(Correspondences),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = correspondences_new,
    .tp_dealloc = (destructor)correspondences_dealloc,
    .tp_methods = correspondences_methods,
};
