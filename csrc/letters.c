/* Strings that Python hands over, as 16-bit units. */
#include "letters.h"

int as_letters(PyObject *object, Letters *word)
{
    if (!PyUnicode_Check(object) || PyUnicode_GET_LENGTH(object) > LONGEST_LETTERS || PyUnicode_MAX_CHAR_VALUE(object) > 0xFFFF)
        return 0;
    word->length = (uint16_t)PyUnicode_GET_LENGTH(object);
    for (size_t place = 0; place < word->length; place++)
        word->units[place] = (uint16_t)PyUnicode_READ_CHAR(object, (Py_ssize_t)place);
    return 1;
}

uint32_t number_of_word(const Spellings *spellings, const Letters *word)
{
    Letters padded = *word; /* `hash_of` writes behind the letters */
    uint32_t hash = hash_of(spellings, padded.units, padded.length);
    return find_spelling(spellings, hash, padded.units, padded.length)->number;
}

static int add_units(PieceTable *strings, size_t *room, PyObject *string)
{
    Letters word;
    if (!PyUnicode_Check(string)) {
        PyErr_SetString(PyExc_TypeError, "a str is expected");
        return -1;
    }
    size_t begin = strings->starts[strings->count];
    if (!as_letters(string, &word) || begin > UINT32_MAX / 2) {
        PyErr_SetString(PyExc_ValueError, "not a string of these tables");
        return -1;
    }
    for (size_t place = 0; place < word.length; place++) {
        uint16_t *units = with_room(strings->units, room, begin + place, sizeof(uint16_t));
        if (!units) {
            PyErr_NoMemory();
            return -1;
        }
        strings->units = units;
        units[begin + place] = word.units[place];
    }
    strings->starts[++strings->count] = (uint32_t)(begin + word.length);
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
