/* Looks a key up in the lines of a table of translations; search/bridges/translation_table.py is the definition. */
#include "core.h"
#include "lines.h"

#include <string.h>

/* Whether a line, from `start` on, stands before the key, behind it (above 0), or is the one of the key. */
static int compared(const char *data, Py_ssize_t start, Py_ssize_t end, const char *key, Py_ssize_t length)
{
    Py_ssize_t shared = end - start < length ? end - start : length;
    int order = memcmp(data + start, key, (size_t)shared);
    return order || shared == length ? order : -1;
}

/* The line of a key: where what is behind the key begins, and where it ends. 0 if there is none. */
static int find_line(const char *data, Py_ssize_t low, Py_ssize_t high, const char *key, Py_ssize_t length, Py_ssize_t *from, Py_ssize_t *to)
{
    while (low < high) {
        Py_ssize_t start = low + (high - low) / 2;
        const char *feed = memchr(data + start, '\n', (size_t)(high - start));
        Py_ssize_t end = feed ? feed - data : high;
        while (start > low && data[start - 1] != '\n')
            start--;
        int order = compared(data, start, end, key, length);
        if (!order) {
            *from = start + length;
            *to = end;
            return 1;
        }
        if (order < 0)
            low = end + 1;
        else
            high = start;
    }
    return 0;
}

/* table_line(data: buffer, start: int, key: bytes) -> bytes | None */
PyObject *core_table_line(PyObject *module, PyObject *args)
{
    (void)module;
    Py_buffer data, key;
    Py_ssize_t start, from, to;
    if (!PyArg_ParseTuple(args, "y*ny*", &data, &start, &key))
        return NULL;
    PyObject *found = NULL;
    if (start < 0)
        PyErr_SetString(PyExc_ValueError, "a start below 0");
    else if (find_line(data.buf, start, data.len, key.buf, key.len, &from, &to))
        found = PyBytes_FromStringAndSize((const char *)data.buf + from, to - from);
    else
        found = Py_NewRef(Py_None);
    PyBuffer_Release(&data);
    PyBuffer_Release(&key);
    return found;
}
