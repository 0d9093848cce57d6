/* Which words of an index have the same root as a word? search/bridges/derivation.py is the definition. */
#include "derivation.h"

/* If more words than this have the common prefix, candidates are looked up one by one: there are fewer of them. */
enum { READ_AT_ONCE = 1500 };

/* The stems of the forms of a key, among `stems`; *all: whether they were there already. */
static Status stems_of(const Segment *segment, size_t key, Numbers *stems, int add, int *all)
{
    const Column *forms = section(segment, KEY_FORMS), *form_stems = section(segment, FORM_STEMS);
    ColumnReader of_key = reader_of(forms), of_forms = reader_of(form_stems);
    size_t begin, end;
    Status status = row_of(section(segment, KEY_FORMS_ENDS), key, forms->count, &begin, &end);
    *all = 1;
    for (size_t place = begin; !status && place < end; place++) {
        uint64_t form = next_item(&of_key, place);
        if (form >= form_stems->count)
            return DAMAGED;
        uint32_t stem = (uint32_t)next_item(&of_forms, (size_t)form);
        size_t known = 0;
        while (known < stems->count && stems->items[known] != stem)
            known++;
        if (known < stems->count)
            continue;
        *all = 0;
        if (add) {
            if ((status = make_room(stems, 1)))
                return status;
            stems->items[stems->count++] = stem;
        }
    }
    return status;
}

/* A search for relatives. `wanted` has the keys of the word itself first: they are known, and not wanted. */
typedef struct {
    const Lexicon *lexicon;
    const Known *known; /* NULL: the numbers of its keys are not known */
    Wanted wanted;
    size_t own;
    Numbers stems;
    RelativeList *found;
} Relatives;

/* wanted: the number of the key among those that are wanted. */
static int take_key(Relatives *search, size_t number, size_t key, uint32_t wanted, const uint8_t *word, size_t length)
{
    RelativeList *found = search->found;
    int all, has;
    for (size_t place = 0; number && place < found->count; place++)
        if (found->items[place].wanted == wanted) /* in an earlier segment */
            return 0;
    Status status = stems_of(search->lexicon->segments[number], key, &search->stems, 0, &all);
    if (!status && !all)
        status = has_key(search->lexicon, number, key, &has);
    if (status) {
        raise_status(status);
        return -1;
    }
    if (all || !has)
        return 0;
    Relative *items = with_room(found->items, &found->room, found->count, sizeof(Relative));
    if (!items) {
        PyErr_NoMemory();
        return -1;
    }
    found->items = items;
    PyObject *text = PyUnicode_DecodeUTF8((const char *)word, (Py_ssize_t)length - 1, "replace");
    if (text)
        items[found->count++] = (Relative){text, wanted, number, key, 0};
    return text ? 0 : -1;
}

void free_relatives(RelativeList *found)
{
    for (size_t place = 0; place < found->count; place++)
        Py_DECREF(found->items[place].key);
    PyMem_RawFree(found->items);
}

static size_t common_beginning(const Relatives *search)
{
    const Wanted *wanted = &search->wanted;
    const uint8_t *first = wanted->bytes + wanted->starts[search->own];
    size_t common = wanted->starts[search->own + 1] - wanted->starts[search->own] - 1;
    for (size_t number = search->own + 1; number < wanted->count; number++) {
        const uint8_t *other = wanted->bytes + wanted->starts[number];
        size_t place = 0;
        while (place < common && other[place] == first[place])
            place++;
        common = place;
    }
    return common;
}

/* Take the wanted keys of a segment. Reads all keys that begin as the wanted ones do, if they are few. */
static int take_segment(Relatives *search, size_t number)
{
    const Segment *segment = search->lexicon->segments[number];
    const Wanted *wanted = &search->wanted;
    Status status = FINE;
    int64_t key = -1;
    search->stems.count = 0;
    for (size_t own = 0; own < search->own && !status; own++) {
        int unused;
        if (search->known && search->known->segment == number && search->known->count == search->own)
            key = (int64_t)search->known->key_numbers[own];
        else
            status = find_string(segment, KEYS_BYTES, wanted->bytes + wanted->starts[own], wanted->starts[own + 1] - wanted->starts[own], &key);
        if (!status && key >= 0)
            status = stems_of(segment, (size_t)key, &search->stems, 1, &unused);
    }
    const uint8_t *first = wanted->bytes + wanted->starts[search->own];
    size_t common = common_beginning(search), low = 0, high = SIZE_MAX;
    if (!status && common >= SHORTEST)
        status = beginning_range(segment, KEYS_BYTES, first, common, key, &low, &high);
    int read = high - low <= READ_AT_ONCE;
    Strings strings = {.table = KEYS_BYTES};
    for (size_t key = low; read && !status && key < high; key++) {
        const uint8_t *text;
        size_t length;
        if ((status = next_string(segment, &strings, key, &text, &length)))
            break;
        uint32_t found = number_of(wanted, text, length + 1);
        if (found > search->own && take_key(search, number, key, found, text, length + 1) < 0)
            return -1;
    }
    for (size_t place = search->own; !read && !status && place < wanted->count; place++) {
        const uint8_t *text = wanted->bytes + wanted->starts[place];
        size_t length = wanted->starts[place + 1] - wanted->starts[place];
        status = find_string(segment, KEYS_BYTES, text, length, &key);
        if (!status && key >= 0 && take_key(search, number, (size_t)key, (uint32_t)place + 1, text, length) < 0)
            return -1;
    }
    if (status)
        raise_status(status);
    return status ? -1 : 0;
}

static Status want(const Derivation *tables, PyObject *keys, Relatives *search)
{
    uint8_t word[LONGEST_STRING + 1];
    Status status = FINE;
    for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(keys) && !status; place++) {
        size_t length;
        status = table_string(PyTuple_GET_ITEM(keys, place), word, &length);
        if (!status && length)
            status = add_word(&search->wanted, word, length);
    }
    search->own = search->wanted.count;
    for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(keys) && !status; place++)
        status = add_candidates(tables, PyTuple_GET_ITEM(keys, place), &search->wanted);
    return status;
}

int find_relatives(const Derivation *tables, const Lexicon *lexicon, PyObject *keys, const Known *known, RelativeList *found)
{
    Relatives search = {.lexicon = lexicon, .known = known, .found = found};
    Status status = want(tables, keys, &search);
    int failed = status != FINE;
    if (failed)
        raise_status(status);
    if (search.wanted.count > search.own)
        for (size_t number = 0; !failed && number < search.lexicon->segment_count; number++)
            failed = take_segment(&search, number) < 0;
    PyMem_RawFree(search.wanted.bytes);
    PyMem_RawFree(search.wanted.starts);
    PyMem_RawFree(search.wanted.slots);
    PyMem_RawFree(search.stems.items);
    return failed ? -1 : 0;
}

/* relatives(lexicon: Lexicon, keys: tuple[str, ...]) */
PyObject *derivation_relatives(PyObject *self, PyObject *args)
{
    PyObject *lexicon, *keys;
    if (!PyArg_ParseTuple(args, "O!O!", &LexiconType, &lexicon, &PyTuple_Type, &keys))
        return NULL;
    for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(keys); place++)
        if (!PyUnicode_Check(PyTuple_GET_ITEM(keys, place))) {
            PyErr_SetString(PyExc_TypeError, "keys are strings");
            return NULL;
        }
    RelativeList found = {NULL, 0, 0};
    PyObject *answer = find_relatives((Derivation *)self, (Lexicon *)lexicon, keys, NULL, &found) < 0 ? NULL : PySet_New(NULL);
    for (size_t place = 0; answer && place < found.count; place++)
        if (PySet_Add(answer, found.items[place].key) < 0)
            Py_CLEAR(answer);
    free_relatives(&found);
    return answer;
}
