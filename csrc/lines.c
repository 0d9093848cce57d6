/* Sorts strings, and makes their tables. */
#include "crc.h"
#include "lines.h"
#include <stdlib.h>

static int by_bytes(const void *left, const void *right)
{
    return compare_lines(left, right);
}

void sort_lines(Line *lines, size_t count)
{
    qsort(lines, count, sizeof(Line), by_bytes);
}

void write_lines(const Line *lines, size_t count, uint8_t *data, uint64_t *ends, uint32_t *numbers)
{
    uint64_t end = 0;
    for (size_t place = 0; place < count; place++) {
        memcpy(data + end, lines[place].start, lines[place].length);
        end += lines[place].length;
        data[end++] = '\n';
        ends[place] = end;
        numbers[place] = lines[place].number;
    }
}

/* -- sorted_lines */

typedef struct {
    PyObject **words; /* those that are held */
    Text *texts;      /* of each */
    uint32_t *numbers;
    Line *lines;
    size_t count, bytes; /* bytes: of all lines, with their line feeds */
} Chosen;

/* UTF-8 bytes of a text; SIZE_MAX if it has a lone surrogate. */
static size_t encoded_size(const Text *text)
{
    size_t size = text->count;
    if (text->width == 1) {
        const uint8_t *units = text->data;
        for (size_t place = 0; place < text->count; place++)
            size += units[place] >> 7;
        return size;
    }
    for (size_t place = 0; place < text->count; place++) {
        uint32_t point = PyUnicode_READ(text->width, text->data, place);
        if (point >= 0xD800 && point < 0xE000)
            return SIZE_MAX;
        size += (size_t)(point >= 0x80) + (point >= 0x800) + (point >= 0x10000);
    }
    return size;
}

static uint8_t *encode(const Text *text, uint8_t *to)
{
    for (size_t place = 0; place < text->count; place++) {
        uint32_t point = PyUnicode_READ(text->width, text->data, place);
        if (point < 0x80) {
            *to++ = (uint8_t)point;
        } else if (point < 0x800) {
            *to++ = (uint8_t)(0xC0 | point >> 6);
            *to++ = (uint8_t)(0x80 | (point & 0x3F));
        } else if (point < 0x10000) {
            *to++ = (uint8_t)(0xE0 | point >> 12);
            *to++ = (uint8_t)(0x80 | (point >> 6 & 0x3F));
            *to++ = (uint8_t)(0x80 | (point & 0x3F));
        } else {
            *to++ = (uint8_t)(0xF0 | point >> 18);
            *to++ = (uint8_t)(0x80 | (point >> 12 & 0x3F));
            *to++ = (uint8_t)(0x80 | (point >> 6 & 0x3F));
            *to++ = (uint8_t)(0x80 | (point & 0x3F));
        }
    }
    return to;
}

/* Hold each word with one of these numbers once. */
static int choose(PyObject *words, const uint32_t *numbers, size_t count, Chosen *chosen)
{
    size_t all = (size_t)PyList_GET_SIZE(words), used = 0;
    uint8_t *marks = PyMem_RawCalloc(all + 1, 1);
    if (!marks) {
        PyErr_NoMemory();
        return -1;
    }
    int fits = 1;
    Py_BEGIN_ALLOW_THREADS
    for (size_t place = 0; place < count && fits; place++) {
        fits = numbers[place] < all;
        if (fits)
            marks[numbers[place]] = 1;
    }
    for (size_t number = 0; number < all; number++)
        used += marks[number];
    Py_END_ALLOW_THREADS
    chosen->words = PyMem_RawMalloc((used + 1) * sizeof(PyObject *));
    chosen->texts = PyMem_RawMalloc((used + 1) * sizeof(Text));
    chosen->numbers = PyMem_RawMalloc((used + 1) * sizeof(uint32_t));
    chosen->lines = PyMem_RawMalloc((used + 1) * sizeof(Line));
    int failed = 1;
    if (!chosen->words || !chosen->texts || !chosen->numbers || !chosen->lines)
        PyErr_NoMemory();
    else if (!fits || (size_t)PyList_GET_SIZE(words) < all)
        PyErr_SetString(PyExc_IndexError, "there is no word of this number");
    else
        failed = 0;
    for (size_t number = 0; number < all && !failed; number++) {
        if (!marks[number])
            continue;
        PyObject *word = PyList_GET_ITEM(words, (Py_ssize_t)number);
        failed = as_text(word, &chosen->texts[chosen->count]);
        if (!failed) {
            chosen->numbers[chosen->count] = (uint32_t)number;
            chosen->words[chosen->count++] = Py_NewRef(word);
        }
    }
    PyMem_RawFree(marks);
    return failed ? -1 : 0;
}

static void let_go(Chosen *chosen)
{
    for (size_t place = 0; place < chosen->count; place++)
        Py_DECREF(chosen->words[place]);
    PyMem_RawFree(chosen->words);
    PyMem_RawFree(chosen->texts);
    PyMem_RawFree(chosen->numbers);
    PyMem_RawFree(chosen->lines);
}

/* Measure the lines; 0 if one cannot be encoded. */
static int measure(Chosen *chosen)
{
    for (size_t place = 0; place < chosen->count; place++) {
        size_t size = encoded_size(&chosen->texts[place]);
        if (size >= UINT32_MAX)
            return 0;
        chosen->lines[place] = (Line){0, NULL, (uint32_t)size, chosen->numbers[place]};
        chosen->bytes += size + 1;
    }
    return 1;
}

/* encoded: room for all bytes. */
static void write_sorted(Chosen *chosen, uint8_t *encoded, uint8_t *data, uint64_t *ends, uint32_t *order)
{
    for (size_t place = 0; place < chosen->count; place++) {
        Line *line = &chosen->lines[place];
        line->start = encoded;
        encoded = encode(&chosen->texts[place], encoded);
        line->head = head_of(line->start, line->length);
    }
    sort_lines(chosen->lines, chosen->count);
    write_lines(chosen->lines, chosen->count, data, ends, order);
}

static PyObject *sorted_lines_of(Chosen *chosen)
{
    int fits;
    Py_BEGIN_ALLOW_THREADS
    fits = measure(chosen);
    Py_END_ALLOW_THREADS
    if (!fits) {
        PyErr_SetString(PyExc_ValueError, "a word has a lone surrogate, or is too long");
        return NULL;
    }
    PyObject *data = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)chosen->bytes);
    PyObject *ends = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(chosen->count * sizeof(uint64_t)));
    PyObject *order = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(chosen->count * sizeof(uint32_t)));
    uint8_t *encoded = PyMem_RawMalloc(chosen->bytes + 1);
    PyObject *lines = NULL;
    if (data && ends && order && encoded) {
        uint8_t *bytes = (uint8_t *)PyBytes_AS_STRING(data);
        uint64_t *line_ends = (uint64_t *)PyBytes_AS_STRING(ends);
        uint32_t *numbers = (uint32_t *)PyBytes_AS_STRING(order);
        Py_BEGIN_ALLOW_THREADS
        write_sorted(chosen, encoded, bytes, line_ends, numbers);
        Py_END_ALLOW_THREADS
        lines = PyTuple_Pack(3, data, ends, order);
    } else if (!PyErr_Occurred())
        PyErr_NoMemory();
    PyMem_RawFree(encoded);
    Py_XDECREF(data);
    Py_XDECREF(ends);
    Py_XDECREF(order);
    return lines;
}

PyObject *core_sorted_lines(PyObject *module, PyObject *args)
{
    PyObject *words;
    Py_buffer numbers;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!y*", &PyList_Type, &words, &numbers))
        return NULL;
    Chosen chosen = {0};
    PyObject *lines = NULL;
    if (choose(words, numbers.buf, (size_t)numbers.len / sizeof(uint32_t), &chosen) == 0)
        lines = sorted_lines_of(&chosen);
    let_go(&chosen);
    PyBuffer_Release(&numbers);
    return lines;
}

/* -- line_slots */

typedef struct {
    const uint8_t *data;
    const uint64_t *ends;
    size_t size, count;
} Table;

static int fits(const Table *table)
{
    uint64_t before = 0;
    for (size_t line = 0; line < table->count; line++) {
        if (table->ends[line] < before || table->ends[line] > table->size)
            return 0;
        before = table->ends[line];
    }
    return 1;
}

/* How many slots are taken or passed over. wanted: for each line; starts: for each slot and one more, how many lines want one below. */
static size_t find_wanted(const Table *table, size_t slots, uint32_t *wanted, uint32_t *starts)
{
    uint64_t before = 0;
    for (size_t line = 0; line < table->count; before = table->ends[line], line++) {
        wanted[line] = (uint32_t)(crc_of(table->data + before, (size_t)(table->ends[line] - before)) % slots);
        starts[wanted[line] + 1]++;
    }
    size_t behind = 0; /* the slot behind the last one that was taken */
    for (size_t slot = 0; slot < slots; slot++) {
        size_t first = behind > slot ? behind : slot;
        if (starts[slot + 1])
            behind = first + starts[slot + 1];
        starts[slot + 1] += starts[slot];
    }
    return behind;
}

/* In the order of wanted slots, each line gets its slot or the one behind its predecessor's. order: room for the lines. */
static void fill(const Table *table, const uint32_t *wanted, uint32_t *starts, uint32_t *order, uint32_t *filled)
{
    for (size_t line = 0; line < table->count; line++)
        order[starts[wanted[line]]++] = (uint32_t)line;
    size_t next = 0;
    for (size_t place = 0; place < table->count; place++) {
        uint32_t line = order[place];
        if (next < wanted[line])
            next = wanted[line];
        filled[next++] = line + 1;
    }
}

static PyObject *slots_of(const Table *table, size_t slots)
{
    uint32_t *wanted = PyMem_RawMalloc((table->count + 1) * sizeof(uint32_t));
    uint32_t *order = PyMem_RawMalloc((table->count + 1) * sizeof(uint32_t));
    uint32_t *starts = PyMem_RawCalloc(slots + 1, sizeof(uint32_t));
    PyObject *answer = NULL;
    if (wanted && order && starts) {
        size_t room;
        Py_BEGIN_ALLOW_THREADS
        room = find_wanted(table, slots, wanted, starts);
        Py_END_ALLOW_THREADS
        /* One slot more: a search that runs to the end must meet a free one. */
        room = (room > slots ? room : slots) + 1;
        answer = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(room * sizeof(uint32_t)));
        if (answer) {
            uint32_t *filled = (uint32_t *)PyBytes_AS_STRING(answer);
            Py_BEGIN_ALLOW_THREADS
            memset(filled, 0, room * sizeof(uint32_t));
            fill(table, wanted, starts, order, filled);
            Py_END_ALLOW_THREADS
        }
    } else
        PyErr_NoMemory();
    PyMem_RawFree(wanted);
    PyMem_RawFree(order);
    PyMem_RawFree(starts);
    return answer;
}

PyObject *core_line_slots(PyObject *module, PyObject *args)
{
    Py_buffer data, ends;
    Py_ssize_t slots;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*n", &data, &ends, &slots))
        return NULL;
    Table table = {data.buf, ends.buf, (size_t)data.len, (size_t)ends.len / sizeof(uint64_t)};
    PyObject *answer = NULL;
    if (slots < 1 || (size_t)slots > UINT32_MAX || table.count >= UINT32_MAX || !fits(&table))
        PyErr_SetString(PyExc_ValueError, "these are no lines");
    else
        answer = slots_of(&table, (size_t)slots);
    PyBuffer_Release(&data);
    PyBuffer_Release(&ends);
    return answer;
}
