/* merged_lines: the union of sorted tables of strings. Each source is read once, from its start to its end. */
#include "lines.h"

typedef struct {
    Py_buffer data, used; /* used: a byte a line; not held if all lines are */
    size_t count, next;
    size_t start; /* of the line `next` */
    Line line;
    int32_t *map; /* the number of each of its lines in the union, or -1 */
} MergedTable;

typedef struct {
    MergedTable *sources;
    size_t source_count;
    uint32_t *heap; /* sources that have a line left; the one with the least line is the first */
    size_t heap_count;
    uint8_t *data;
    size_t size;
    uint64_t *ends;
    size_t count;
    int sound; /* whether all sources were sorted lines so far */
} Union;

/* -- the sources, by the line that each is at */

static int is_before(const Union *self, uint32_t left, uint32_t right)
{
    int found = compare_lines(&self->sources[left].line, &self->sources[right].line);
    return found ? found < 0 : left < right;
}

static void sift_down(Union *self, size_t place)
{
    uint32_t moved = self->heap[place];
    for (size_t child; (child = 2 * place + 1) < self->heap_count; place = child) {
        if (child + 1 < self->heap_count && is_before(self, self->heap[child + 1], self->heap[child]))
            child++;
        if (!is_before(self, self->heap[child], moved))
            break;
        self->heap[place] = self->heap[child];
    }
    self->heap[place] = moved;
}

/* Go to the next line that is used; 0 if there is none. */
static int advance(Union *self, MergedTable *source)
{
    const uint8_t *data = source->data.buf, *used = source->used.obj ? source->used.buf : NULL;
    size_t size = (size_t)source->data.len;
    for (; source->next < source->count; source->next++) {
        const uint8_t *start = data + source->start;
        const uint8_t *end = source->start < size ? memchr(start, '\n', size - source->start) : NULL;
        if (!end || (size_t)(end - start) > UINT32_MAX) {
            self->sound = 0;
            return 0;
        }
        source->start = (size_t)(end - data) + 1;
        if (used && !used[source->next]) {
            source->map[source->next] = -1;
            continue;
        }
        Line before = source->line;
        source->line = (Line){head_of(start, (size_t)(end - start)), start, (uint32_t)(end - start), 0};
        self->sound &= !before.start || compare_lines(&before, &source->line) < 0;
        return 1;
    }
    self->sound &= source->start == size;
    return 0;
}

static void unite(Union *self)
{
    for (uint32_t number = 0; number < self->source_count; number++)
        if (advance(self, &self->sources[number]))
            self->heap[self->heap_count++] = number;
    for (size_t place = self->heap_count / 2; place-- > 0;)
        sift_down(self, place);
    Line last = {0};
    while (self->heap_count && self->sound) {
        MergedTable *source = &self->sources[self->heap[0]];
        if (!self->count || compare_lines(&last, &source->line)) {
            last = source->line;
            memcpy(self->data + self->size, last.start, last.length);
            self->size += last.length;
            self->data[self->size++] = '\n';
            self->ends[self->count++] = self->size;
        }
        source->map[source->next++] = (int32_t)(self->count - 1);
        if (!advance(self, source))
            self->heap[0] = self->heap[--self->heap_count];
        if (self->heap_count)
            sift_down(self, 0);
    }
}

/* -- in and out */

static int take_source(MergedTable *source, PyObject *item, PyObject **map)
{
    Py_ssize_t count;
    PyObject *used;
    if (!PyTuple_Check(item)) {
        PyErr_SetString(PyExc_TypeError, "a source is a tuple");
        return -1;
    }
    if (!PyArg_ParseTuple(item, "y*nO", &source->data, &count, &used))
        return -1;
    if (used != Py_None && PyObject_GetBuffer(used, &source->used, PyBUF_SIMPLE) < 0)
        return -1;
    if (count < 0 || count > INT32_MAX || (source->used.obj && source->used.len != count)) {
        PyErr_SetString(PyExc_ValueError, "a table of strings has another number of lines");
        return -1;
    }
    source->count = (size_t)count;
    *map = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(source->count * sizeof(int32_t)));
    if (!*map)
        return -1;
    source->map = (int32_t *)PyBytes_AS_STRING(*map);
    return 0;
}

/* Bytes objects that are large enough whatever the sources share. What is not written takes no memory. */
static int make_room_for_all(Union *self, PyObject **data, PyObject **ends)
{
    size_t bytes = 0, lines = 0;
    for (size_t number = 0; number < self->source_count; number++) {
        bytes += (size_t)self->sources[number].data.len;
        lines += self->sources[number].count;
    }
    if (lines > INT32_MAX || bytes > PY_SSIZE_T_MAX / 2) {
        PyErr_SetString(PyExc_OverflowError, "too many strings");
        return -1;
    }
    *data = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)bytes + 1);
    *ends = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(lines * sizeof(uint64_t)) + 1);
    self->heap = PyMem_RawMalloc((self->source_count + 1) * sizeof(uint32_t));
    if (!*data || !*ends)
        return -1;
    if (!self->heap) {
        PyErr_NoMemory();
        return -1;
    }
    self->data = (uint8_t *)PyBytes_AS_STRING(*data);
    self->ends = (uint64_t *)PyBytes_AS_STRING(*ends);
    return 0;
}

static PyObject *united(Union *self, PyObject *maps)
{
    PyObject *answer = NULL, *data = NULL, *ends = NULL;
    if (make_room_for_all(self, &data, &ends) == 0) {
        self->sound = 1;
        Py_BEGIN_ALLOW_THREADS
        unite(self);
        Py_END_ALLOW_THREADS
        if (!self->sound)
            PyErr_SetString(PyExc_IndexError, "a table of strings is not sorted, or has another number of lines");
        else if (_PyBytes_Resize(&data, (Py_ssize_t)self->size) == 0
                 && _PyBytes_Resize(&ends, (Py_ssize_t)(self->count * sizeof(uint64_t))) == 0)
            answer = PyTuple_Pack(3, data, ends, maps);
    }
    Py_XDECREF(data);
    Py_XDECREF(ends);
    PyMem_RawFree(self->heap);
    return answer;
}

PyObject *core_merged_lines(PyObject *module, PyObject *args)
{
    PyObject *tables;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!", &PyTuple_Type, &tables))
        return NULL;
    Py_ssize_t count = PyTuple_GET_SIZE(tables);
    Union self = {.sources = PyMem_RawCalloc((size_t)count + 1, sizeof(MergedTable)), .source_count = (size_t)count};
    PyObject *maps = PyTuple_New(count), *answer = NULL;
    int failed = !self.sources || !maps;
    if (!self.sources)
        PyErr_NoMemory();
    for (Py_ssize_t place = 0; place < count && !failed; place++) {
        PyObject *map = NULL;
        failed = take_source(&self.sources[place], PyTuple_GET_ITEM(tables, place), &map);
        if (map)
            PyTuple_SET_ITEM(maps, place, map);
    }
    if (!failed)
        answer = united(&self, maps);
    for (Py_ssize_t place = 0; self.sources && place < count; place++) {
        PyBuffer_Release(&self.sources[place].data);
        PyBuffer_Release(&self.sources[place].used);
    }
    PyMem_RawFree(self.sources);
    Py_XDECREF(maps);
    return answer;
}
