/* Tables of strings that Python hands over, as 16-bit units. */
#include "letters.h"

static int add_units(PieceTable *strings, size_t *room, PyObject *string)
{
    if (!PyUnicode_Check(string)) {
        PyErr_SetString(PyExc_TypeError, "a str is expected");
        return -1;
    }
    size_t length = (size_t)PyUnicode_GET_LENGTH(string), begin = strings->starts[strings->count];
    if (PyUnicode_MAX_CHAR_VALUE(string) > 0xFFFF || length > LONGEST_LETTERS || begin > UINT32_MAX / 2) {
        PyErr_SetString(PyExc_ValueError, "not a string of these tables");
        return -1;
    }
    for (size_t place = 0; place < length; place++) {
        uint16_t *units = with_room(strings->units, room, begin + place, sizeof(uint16_t));
        if (!units) {
            PyErr_NoMemory();
            return -1;
        }
        strings->units = units;
        units[begin + place] = (uint16_t)PyUnicode_READ_CHAR(string, (Py_ssize_t)place);
    }
    strings->starts[++strings->count] = (uint32_t)(begin + length);
    return 0;
}

int make_pieces(PieceTable *strings, PyObject *sequence)
{
    PyObject *items = PySequence_Tuple(sequence);
    size_t room = 0, count = items ? (size_t)PyTuple_GET_SIZE(items) : 0;
    strings->starts = items ? PyMem_RawCalloc(count + 1, sizeof(uint32_t)) : NULL;
    strings->units = PyMem_RawMalloc(sizeof(uint16_t));
    int failed = !strings->starts || !strings->units;
    if (failed && !PyErr_Occurred())
        PyErr_NoMemory();
    for (size_t place = 0; place < count && !failed; place++)
        failed = add_units(strings, &room, PyTuple_GET_ITEM(items, place));
    Py_XDECREF(items);
    return failed ? -1 : 0;
}

void free_pieces(PieceTable *strings)
{
    PyMem_RawFree(strings->units);
    PyMem_RawFree(strings->starts);
}
