/* Lines: the strings of a table as UTF-8, with a line feed behind each; indexer/codec/lines.py is the definition. */
#ifndef NAIDI_LINES_H
#define NAIDI_LINES_H

#include "indexing.h"

/* A string without its line feed. */
typedef struct {
    uint64_t head; /* its first bytes, of which the very first is the highest: most strings differ there */
    const uint8_t *start;
    uint32_t length, number;
} Line;

enum { HEAD_BYTES = 8 };

static inline uint64_t head_of(const uint8_t *start, size_t length)
{
    uint64_t head = 0;
    for (size_t place = 0; place < HEAD_BYTES; place++)
        head = head << 8 | (place < length ? start[place] : 0);
    return head;
}

/* In the order of bytes, which is that of code points. No string has a zero byte that would matter: a longer one comes later. */
static inline int compare_lines(const Line *left, const Line *right)
{
    if (left->head != right->head)
        return left->head < right->head ? -1 : 1;
    size_t least = left->length < right->length ? left->length : right->length;
    int found = memcmp(left->start, right->start, least);
    return found ? found : (left->length > right->length) - (left->length < right->length);
}

void sort_lines(Line *lines, size_t count);
/* Write lines one behind another, where each ends, and their numbers. */
void write_lines(const Line *lines, size_t count, uint8_t *data, uint64_t *ends, uint32_t *numbers);

extern PyTypeObject WordsType;
PyObject *core_lemma_lines(PyObject *module, PyObject *args);
PyObject *core_sorted_lines(PyObject *module, PyObject *args);
PyObject *core_table_line(PyObject *module, PyObject *args);
PyObject *core_merged_lines(PyObject *module, PyObject *args);
PyObject *core_line_slots(PyObject *module, PyObject *args);

#endif
