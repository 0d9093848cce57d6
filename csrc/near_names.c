/* May a word of the index be a name of the other alphabet, too? search/bridges/romanisation.py is the definition, under `strict`. */
#include "names.h"
#include <math.h>

/* Keys of a segment that are compared. */
enum { MOST_COMPARED = 800 };

typedef struct {
    const Correspondences *tables;
    int cyrillic; /* whether the word itself is */
    Letters *spellings;
    size_t count;
    uint64_t syllables; /* a bit for each number of syllables of a spelling */
    double least; /* similarity */
} NameSearch;

/* Whether a key of the other alphabet is as similar to a spelling as is asked for; -1 with an exception. See `_likeness`. */
static int is_similar(const NameSearch *search, const uint8_t *text, size_t length)
{
    const Side *own = &search->tables->sides[search->cyrillic], *side = &search->tables->sides[!search->cyrillic];
    PyObject *key = PyUnicode_DecodeUTF8((const char *)text, (Py_ssize_t)length, "replace");
    Letters other;
    int similar = 0;
    if (!key)
        return -1;
    if (PyUnicode_GET_LENGTH(key) + 2 <= MOST_LETTERS) {
        similar = read_letters(side, key, &other);
        for (size_t number = 0; number < search->count && !similar; number++) {
            double letters = (double)(other.count + search->spellings[number].count) - 7; /* both have two marks; less three */
            double cost = (double)cost_of(own, &search->spellings[number], side, &other);
            similar = exp(-1.4 * cost / (letters > 1 ? letters : 1)) >= search->least;
        }
    }
    Py_DECREF(key);
    return similar;
}

/* Whether a segment has a name that is similar; -1 with an exception. */
static int has_similar(const NameSearch *search, const Segment *segment, const Hashes *wanted)
{
    const Column *hashes = section(segment, SKELETON_HASHES), *keys = section(segment, SKELETON_KEYS);
    size_t left = MOST_COMPARED;
    for (size_t place = 0; place < wanted->count; place++) {
        size_t row = lower_bound(hashes, wanted->items[place]);
        for (; left && row < hashes->count && item(hashes, row) == wanted->items[place]; row++, left--) {
            size_t key = (size_t)item(keys, row), length;
            const uint8_t *text;
            int common, similar = 0;
            Status status = key < section(segment, KEYS_ENDS)->count ? string_at(segment, KEYS_BYTES, key, &text, &length) : DAMAGED;
            if (!status && !sounds_as_long(syllables_of(text, length), search->syllables))
                continue;
            if (!status)
                status = is_common_key(segment, key, &common);
            if (status) {
                raise_status(status);
                return -1;
            }
            if (!common && (similar = is_similar(search, text, length)))
                return similar;
        }
    }
    return 0;
}

int may_be_names(const Skeletons *skeletons, const Correspondences *tables, const Lexicon *lexicon, PyObject *spellings, int cyrillic, double least)
{
    NameSearch search = {.tables = tables, .cyrillic = cyrillic, .least = least};
    Hashes hashes = {.count = 0};
    search.spellings = PyMem_RawMalloc(((size_t)PyTuple_GET_SIZE(spellings) + 1) * sizeof(Letters));
    if (!search.spellings) {
        PyErr_NoMemory();
        return -1;
    }
    int found = 0;
    for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(spellings) && !found; place++) {
        PyObject *spelling = PyTuple_GET_ITEM(spellings, place);
        found = read_letters(&search.tables->sides[search.cyrillic], spelling, &search.spellings[search.count++]);
        if (!found) { /* a word that is not read here may be a name */
            int read = add_skeletons(skeletons, spelling, &hashes);
            found = read < 0 ? read : !read;
        }
        if (!found) {
            Py_ssize_t length;
            const char *text = PyUnicode_AsUTF8AndSize(spelling, &length);
            size_t syllables = text ? syllables_of((const uint8_t *)text, (size_t)length) : 0;
            search.syllables |= (uint64_t)1 << (syllables < 62 ? syllables : 62);
            found = text ? 0 : -1;
        }
    }
    for (size_t number = 0; number < lexicon->segment_count && !found; number++)
        found = has_similar(&search, lexicon->segments[number], &hashes);
    PyMem_RawFree(search.spellings);
    return found;
}

/* may_be_names(correspondences: Correspondences, lexicon: Lexicon, spellings: tuple[str, ...], cyrillic: bool, least: float) */
PyObject *skeletons_may_be_names(PyObject *self, PyObject *args)
{
    PyObject *tables, *lexicon, *spellings;
    int cyrillic;
    double least;
    if (!PyArg_ParseTuple(args, "O!O!O!pd", &CorrespondencesType, &tables, &LexiconType, &lexicon, &PyTuple_Type, &spellings, &cyrillic, &least))
        return NULL;
    int found = may_be_names((Skeletons *)self, (Correspondences *)tables, (Lexicon *)lexicon, spellings, cyrillic, least);
    return found < 0 ? NULL : PyBool_FromLong(found);
}
