/* Packs and unpacks columns for Python. */
#include "indexing.h"
#include "packed.h"

uint64_t packed_item(const PackedColumn *column, size_t index)
{
    PackedBlock block;
    if (!packed_block(column, index / PACKED_BLOCK, &block))
        return NO_SUCH_NUMBER;
    return packed_number(&block, index % PACKED_BLOCK);
}

uint64_t packed_pair(const PackedColumn *column, size_t index, uint64_t *before)
{
    PackedReader reader = {.column = column};
    *before = packed_next(&reader, index - 1);
    return packed_next(&reader, index);
}

static unsigned bits_of(uint32_t number)
{
    unsigned bits = 0;
    for (; number; number >>= 1)
        bits++;
    return bits;
}

/* The width of a block, and its base. */
static unsigned measured(const uint32_t *numbers, int based, uint32_t *base)
{
    uint32_t least = numbers[0], most = 0;
    for (int place = 0; place < PACKED_BLOCK; place++) {
        least = numbers[place] < least ? numbers[place] : least;
        most = numbers[place] > most ? numbers[place] : most;
    }
    *base = based ? least : 0;
    return bits_of(most - *base);
}

static uint8_t *write_block(const uint32_t *numbers, unsigned width, uint32_t base, uint8_t *out)
{
    uint64_t waiting = 0;
    unsigned bits = 0;
    for (int place = 0; place < PACKED_BLOCK; place++) {
        waiting |= (uint64_t)(numbers[place] - base) << bits;
        bits += width;
        if (bits >= 32) {
            uint32_t word = (uint32_t)waiting;
            memcpy(out, &word, 4);
            out += 4;
            waiting >>= 32;
            bits -= 32;
        }
    }
    return out; /* 32 numbers of any width fill whole words */
}

/* (bytes of the blocks, their widths, their bases) of numbers of 32 bits that fill blocks. */
PyObject *core_pack(PyObject *module, PyObject *args)
{
    Py_buffer numbers;
    int based;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*p", &numbers, &based))
        return NULL;
    size_t count = (size_t)numbers.len / (4 * PACKED_BLOCK), words = 0;
    const uint32_t *from = numbers.buf;
    PyObject *data = NULL, *answer = NULL, *widths = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)count);
    PyObject *bases = widths ? PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(4 * count)) : NULL;
    if (!bases)
        goto done;
    uint8_t *width = (uint8_t *)PyBytes_AS_STRING(widths), *base = (uint8_t *)PyBytes_AS_STRING(bases);
    Py_BEGIN_ALLOW_THREADS
    for (size_t block = 0; block < count; block++) {
        uint32_t least;
        width[block] = (uint8_t)measured(from + PACKED_BLOCK * block, based, &least);
        memcpy(base + 4 * block, &least, 4);
        words += width[block];
    }
    Py_END_ALLOW_THREADS
    if (!(data = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(4 * words))))
        goto done;
    uint8_t *out = (uint8_t *)PyBytes_AS_STRING(data);
    Py_BEGIN_ALLOW_THREADS
    for (size_t block = 0; block < count; block++) {
        uint32_t least;
        memcpy(&least, base + 4 * block, 4);
        out = write_block(from + PACKED_BLOCK * block, width[block], least, out);
    }
    Py_END_ALLOW_THREADS
    answer = PyTuple_Pack(3, data, widths, bases);
done:
    Py_XDECREF(data);
    Py_XDECREF(widths);
    Py_XDECREF(bases);
    PyBuffer_Release(&numbers);
    return answer;
}

/* Whether all indices lead into the column. */
static int unpack_into(const PackedColumn *column, size_t count, const int64_t *indices, size_t wanted, uint32_t *numbers)
{
    PackedReader reader = {.column = column};
    for (size_t place = 0; place < wanted; place++) {
        if (indices[place] < 0 || (uint64_t)indices[place] >= count)
            return 0;
        uint64_t found = packed_next(&reader, (size_t)indices[place]);
        if (found == NO_SUCH_NUMBER)
            return 0;
        numbers[place] = (uint32_t)found;
    }
    return 1;
}

/* Whether the numbers at some places could be read; they are written into the last argument. */
PyObject *core_unpack(PyObject *module, PyObject *args)
{
    Py_buffer stored, indices, numbers;
    Py_ssize_t count;
    int based, done = 0;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*npy*w*", &stored, &count, &based, &indices, &numbers))
        return NULL;
    PackedColumn column;
    int fits = count >= 0 && as_packed(stored.buf, (size_t)stored.len, (size_t)count, based, &column)
               && indices.len / 8 <= numbers.len / 4;
    if (fits) {
        Py_BEGIN_ALLOW_THREADS
        done = unpack_into(&column, (size_t)count, indices.buf, (size_t)indices.len / 8, numbers.buf);
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&stored);
    PyBuffer_Release(&indices);
    PyBuffer_Release(&numbers);
    return PyBool_FromLong(done);
}

/* -- Numbers: a packed column whose numbers are read one by one */

typedef struct {
    PyObject_HEAD
    Py_buffer stored;
    Py_ssize_t count;
    PackedColumn column;
} NumbersView;

static PyObject *numbers_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *array;
    Py_ssize_t count;
    int based;
    (void)keywords;
    if (!PyArg_ParseTuple(args, "Onp", &array, &count, &based))
        return NULL;
    NumbersView *self = (NumbersView *)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    if (PyObject_GetBuffer(array, &self->stored, PyBUF_SIMPLE) < 0)
        Py_CLEAR(self);
    else if (count < 0 || !as_packed(self->stored.buf, (size_t)self->stored.len, (size_t)count, based, &self->column)) {
        Py_DECREF(self);
        return raise_status(DAMAGED);
    } else
        self->count = count;
    return (PyObject *)self;
}

static void numbers_dealloc(NumbersView *self)
{
    if (self->stored.obj)
        PyBuffer_Release(&self->stored);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static Py_ssize_t numbers_length(NumbersView *self)
{
    return self->count;
}

static PyObject *numbers_item(NumbersView *self, Py_ssize_t index)
{
    uint64_t found = index < 0 || index >= self->count ? NO_SUCH_NUMBER : packed_item(&self->column, (size_t)index);
    return found == NO_SUCH_NUMBER ? raise_status(DAMAGED) : PyLong_FromUnsignedLongLong(found);
}

static PySequenceMethods numbers_as_sequence = {
    .sq_length = (lenfunc)numbers_length,
    .sq_item = (ssizeargfunc)numbers_item,
};

PyTypeObject NumbersType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.Numbers",
    .tp_basicsize = sizeof(NumbersView),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = numbers_new,
    .tp_dealloc = (destructor)numbers_dealloc,
    .tp_as_sequence = &numbers_as_sequence,
};
