/* Words: numbers words in the order in which they are met; indexer/codec/word_numbers.py is the definition. */
#include "lines.h"

enum { FIRST_SLOTS = 1 << 12 };

typedef struct {
    uint32_t hash, number; /* the number + 1; 0: the slot is free */
} Slot;

typedef struct {
    PyObject_HEAD
    uint64_t seeds[2]; /* random: nobody can write words that all fall into one slot */
    uint8_t *data;     /* lines */
    size_t size, data_room;
    size_t *ends; /* of each line */
    size_t count, end_room;
    Slot *slots;
    size_t slot_count; /* a power of 2 */
    int busy;
} Words;

static uint32_t hash_line(const Words *self, const uint8_t *start, size_t length)
{
    uint64_t hash = self->seeds[0] ^ length;
    for (size_t place = 0; place < length; place += 8) {
        uint64_t some = 0;
        memcpy(&some, start + place, length - place < 8 ? length - place : 8);
        hash = (hash ^ some) * self->seeds[1];
        hash ^= hash >> 32;
    }
    return (uint32_t)(hash ^ hash >> 29);
}

static size_t start_of(const Words *self, size_t number)
{
    return number ? self->ends[number - 1] : 0;
}

static Slot *find_slot(const Words *self, uint32_t hash, const uint8_t *start, size_t length)
{
    for (size_t place = hash & (self->slot_count - 1);; place = (place + 1) & (self->slot_count - 1)) {
        Slot *slot = &self->slots[place];
        if (!slot->number)
            return slot;
        size_t own = start_of(self, slot->number - 1);
        if (slot->hash == hash && self->ends[slot->number - 1] - own == length && !memcmp(self->data + own, start, length))
            return slot;
    }
}

static Status double_slots(Words *self)
{
    size_t room = self->slot_count ? 2 * self->slot_count : FIRST_SLOTS;
    Slot *slots = PyMem_RawCalloc(room, sizeof(Slot));
    if (!slots)
        return NO_MEMORY;
    for (size_t place = 0; place < self->slot_count; place++) {
        size_t to = self->slots[place].hash & (room - 1);
        while (self->slots[place].number && slots[to].number)
            to = (to + 1) & (room - 1);
        if (self->slots[place].number)
            slots[to] = self->slots[place];
    }
    PyMem_RawFree(self->slots);
    self->slots = slots;
    self->slot_count = room;
    return FINE;
}

/* The number of a line, its line feed included. */
static Status number_line(Words *self, const uint8_t *start, size_t length, uint32_t *number)
{
    if (2 * (self->count + 1) > self->slot_count && double_slots(self))
        return NO_MEMORY;
    uint32_t hash = hash_line(self, start, length);
    Slot *slot = find_slot(self, hash, start, length);
    if (slot->number) {
        *number = slot->number - 1;
        return FINE;
    }
    if (self->count >= UINT32_MAX - 1)
        return NO_MEMORY;
    size_t *ends = with_room(self->ends, &self->end_room, self->count, sizeof(size_t));
    if (!ends)
        return NO_MEMORY;
    self->ends = ends;
    if (self->data_room - self->size < length) {
        size_t room = self->data_room + self->data_room / 2 + length;
        uint8_t *data = PyMem_RawRealloc(self->data, room);
        if (!data)
            return NO_MEMORY;
        self->data = data;
        self->data_room = room;
    }
    memcpy(self->data + self->size, start, length);
    self->size += length;
    self->ends[self->count] = self->size;
    *number = (uint32_t)self->count++;
    *slot = (Slot){hash, *number + 1};
    return FINE;
}

static size_t count_lines_of(const uint8_t *data, size_t size)
{
    size_t count = 0;
    for (const uint8_t *end = data + size; data < end && (data = memchr(data, '\n', (size_t)(end - data))); data++)
        count++;
    return count;
}

/* The last byte is a line feed. */
static Status number_lines(Words *self, const uint8_t *data, size_t size, uint32_t *numbers)
{
    Status status = FINE;
    for (const uint8_t *end = data + size; data < end && !status; numbers++) {
        const uint8_t *next = (const uint8_t *)memchr(data, '\n', (size_t)(end - data)) + 1;
        status = number_line(self, data, (size_t)(next - data), numbers);
        data = next;
    }
    return status;
}

static int begin(Words *self)
{
    if (self->busy) {
        PyErr_SetString(PyExc_RuntimeError, "another thread uses these words");
        return -1;
    }
    self->busy = 1;
    return 0;
}

static PyObject *words_of(Words *self, PyObject *lines)
{
    Py_buffer buffer;
    if (PyObject_GetBuffer(lines, &buffer, PyBUF_SIMPLE) < 0)
        return NULL;
    PyObject *numbers = NULL;
    size_t size = (size_t)buffer.len, count = count_lines_of(buffer.buf, size);
    if (size && ((const uint8_t *)buffer.buf)[size - 1] != '\n')
        PyErr_SetString(PyExc_ValueError, "a line feed is missing");
    else if ((numbers = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(count * sizeof(uint32_t)))) && begin(self) < 0)
        Py_CLEAR(numbers);
    else if (numbers) {
        uint32_t *found = (uint32_t *)PyBytes_AS_STRING(numbers);
        Status status;
        Py_BEGIN_ALLOW_THREADS
        status = number_lines(self, buffer.buf, size, found);
        Py_END_ALLOW_THREADS
        self->busy = 0;
        if (status) {
            Py_CLEAR(numbers);
            raise_status(status);
        }
    }
    PyBuffer_Release(&buffer);
    return numbers;
}

/* -- sorting */

/* lines: room for all. Gives how many are used; SIZE_MAX for a number that is none. *bytes: of these. */
static size_t choose(const Words *self, const uint32_t *numbers, size_t count, uint8_t *marks, Line *lines, size_t *bytes)
{
    for (size_t place = 0; place < count; place++) {
        if (numbers[place] >= self->count)
            return SIZE_MAX;
        marks[numbers[place]] = 1;
    }
    size_t used = 0;
    for (size_t number = 0; number < self->count; number++) {
        if (!marks[number])
            continue;
        size_t start = start_of(self, number), length = self->ends[number] - start - 1;
        lines[used++] = (Line){head_of(self->data + start, length), self->data + start, (uint32_t)length, (uint32_t)number};
        *bytes += length + 1;
    }
    sort_lines(lines, used);
    return used;
}

static PyObject *sorted_of(Words *self, const Py_buffer *numbers, uint8_t *marks, Line *lines)
{
    size_t used, bytes = 0;
    Py_BEGIN_ALLOW_THREADS
    used = choose(self, numbers->buf, (size_t)numbers->len / sizeof(uint32_t), marks, lines, &bytes);
    Py_END_ALLOW_THREADS
    if (used == SIZE_MAX) {
        PyErr_SetString(PyExc_IndexError, "there is no word of this number");
        return NULL;
    }
    PyObject *data = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)bytes);
    PyObject *ends = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(used * sizeof(uint64_t)));
    PyObject *order = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(used * sizeof(uint32_t)));
    PyObject *answer = NULL;
    if (data && ends && order) {
        write_lines(lines, used, (uint8_t *)PyBytes_AS_STRING(data), (uint64_t *)PyBytes_AS_STRING(ends),
                    (uint32_t *)PyBytes_AS_STRING(order));
        answer = PyTuple_Pack(3, data, ends, order);
    }
    Py_XDECREF(data);
    Py_XDECREF(ends);
    Py_XDECREF(order);
    return answer;
}

static PyObject *words_sorted(Words *self, PyObject *array)
{
    Py_buffer numbers;
    if (PyObject_GetBuffer(array, &numbers, PyBUF_SIMPLE) < 0)
        return NULL;
    PyObject *answer = NULL;
    if (begin(self) == 0) {
        uint8_t *marks = PyMem_RawCalloc(self->count + 1, 1);
        Line *lines = PyMem_RawMalloc((self->count + 1) * sizeof(Line));
        if (marks && lines)
            answer = sorted_of(self, &numbers, marks, lines);
        else
            PyErr_NoMemory();
        self->busy = 0;
        PyMem_RawFree(marks);
        PyMem_RawFree(lines);
    }
    PyBuffer_Release(&numbers);
    return answer;
}

/* -- the type */

static PyObject *words_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    const char *seeds;
    Py_ssize_t size;
    (void)keywords;
    if (!PyArg_ParseTuple(args, "y#", &seeds, &size))
        return NULL;
    Words *self = (Words *)type->tp_alloc(type, 0);
    if (self && size != sizeof(self->seeds)) {
        PyErr_SetString(PyExc_ValueError, "the seeds are 16 bytes");
        Py_CLEAR(self);
    }
    if (self) {
        memcpy(self->seeds, seeds, sizeof(self->seeds));
        self->seeds[1] |= 1;
    }
    return (PyObject *)self;
}

static void words_dealloc(Words *self)
{
    PyMem_RawFree(self->data);
    PyMem_RawFree(self->ends);
    PyMem_RawFree(self->slots);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static Py_ssize_t words_length(Words *self)
{
    return (Py_ssize_t)self->count;
}

static PySequenceMethods words_as_sequence = {.sq_length = (lenfunc)words_length};

static PyMethodDef words_methods[] = {
    {"of", (PyCFunction)words_of, METH_O, NULL},
    {"sorted", (PyCFunction)words_sorted, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject WordsType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.Words",
    .tp_basicsize = sizeof(Words),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = words_new,
    .tp_dealloc = (destructor)words_dealloc,
    .tp_methods = words_methods,
    .tp_as_sequence = &words_as_sequence,
};
