/* Which keys of a segment have the skeleton of a word? search/bridges/romanisation.py is the definition. */
#include "names.h"

/* Whether a character is a vowel of either alphabet, perhaps with a mark. */
static int is_vowel(unsigned point)
{
    if (point < 0x80)
        return point && strchr("aeiouy", (int)point) != NULL;
    if (point < 0x430)
        return point >= 0xDF && point <= 0xFF;
    switch (point) {
    case 0x430: case 0x435: case 0x438: case 0x439: case 0x43E: case 0x443: case 0x44B: case 0x44D: case 0x44E: case 0x44F:
        return 1;
    default:
        return 0;
    }
}

size_t syllables_of(const uint8_t *word, size_t length)
{
    size_t found = 0;
    int before = 0;
    if (length && word[length - 1] == 'e')
        length--;
    for (size_t place = 0; place < length; place++) {
        unsigned point = word[place];
        if (point >= 0xC0 && point < 0xE0 && place + 1 < length)
            point = (point & 0x1F) << 6 | (word[++place] & 0x3F);
        int vowel = is_vowel(point);
        found += vowel && !before;
        before = vowel;
    }
    return found;
}

/* Whether a word of so many syllables sounds about as long as one of those that have a bit each. */
int sounds_as_long(size_t syllables, uint64_t wanted)
{
    return syllables < 63 && ((wanted << 1 | wanted | wanted >> 1) >> syllables & 1);
}

/* Append the numbers of the keys with a hash, but no common ones if `names` is not 0: a bit for each number of syllables. */
static int add_keys(const Segment *segment, uint64_t hash, uint64_t names, size_t *left, PyObject *found)
{
    const Column *hashes = section(segment, SKELETON_HASHES), *keys = section(segment, SKELETON_KEYS);
    for (size_t row = lower_bound(hashes, hash); *left && row < hashes->count && item(hashes, row) == hash; row++, --*left) {
        size_t key = (size_t)item(keys, row), length;
        const uint8_t *text;
        int common = 0;
        Status status = key < section(segment, KEYS_ENDS)->count ? FINE : DAMAGED;
        if (!status && names)
            status = is_common_key(segment, key, &common);
        if (!status && names && !common)
            status = string_at(segment, KEYS_BYTES, key, &text, &length);
        if (status) {
            raise_status(status);
            return -1;
        }
        if (names && (common || !sounds_as_long(syllables_of(text, length), names)))
            continue;
        PyObject *number = PyLong_FromSize_t(key);
        int failed = number ? PyList_Append(found, number) : -1;
        Py_XDECREF(number);
        if (failed)
            return -1;
    }
    return 0;
}

/* keys_of_skeletons(hashes: tuple[int, ...], most: int, names: int) */
PyObject *segment_keys_of_skeletons(PyObject *self, PyObject *args)
{
    PyObject *hashes;
    Py_ssize_t most;
    unsigned long long names;
    if (!PyArg_ParseTuple(args, "O!nK", &PyTuple_Type, &hashes, &most, &names))
        return NULL;
    size_t left = most > 0 ? (size_t)most : 0;
    PyObject *found = PyList_New(0);
    for (Py_ssize_t place = 0; found && place < PyTuple_GET_SIZE(hashes); place++) {
        unsigned long long hash = PyLong_AsUnsignedLongLong(PyTuple_GET_ITEM(hashes, place));
        if (PyErr_Occurred() || add_keys((Segment *)self, hash, names, &left, found) < 0)
            Py_CLEAR(found);
    }
    return found;
}
