/* Word: a word of a query in all segments of a collection. search/ranking/postings.py is the definition. */
#include "lexicon.h"
#include <math.h>

/* Append the values of a row, which must be numbers of forms. */
static Status add_forms(const Segment *segment, int ends, size_t row, Numbers *forms)
{
    const Column *values = section(segment, ends + 1);
    ColumnReader reader = reader_of(values);
    size_t begin, end;
    Status status = row_of(section(segment, ends), row, values->count, &begin, &end);
    if (status || (status = make_room(forms, end - begin)))
        return status;
    for (size_t place = begin; place < end; place++) {
        uint64_t form = next_item(&reader, place);
        if (form >= section(segment, FORMS_ENDS)->count)
            return DAMAGED;
        forms->items[forms->count++] = (uint32_t)form;
    }
    return FINE;
}

static void sort_forms(Numbers *forms)
{
    if (forms->count > 1)
        qsort(forms->items, forms->count, sizeof(uint32_t), ascending);
    forms->count = without_repeats(forms->items, forms->count);
}

/* -- a word in a segment */

/* The number of the list that has just these forms, at least one, each of which has one of the keys; -1 if there is none. */
static Status list_of_forms(const Segment *segment, const uint32_t *forms, size_t form_count, const size_t *keys, size_t key_count, int64_t *number)
{
    const Column *form_stems = section(segment, FORM_STEMS);
    size_t begin, end;
    Status status;
    for (size_t place = 0; place < key_count; place++) {
        status = row_of(section(segment, KEY_FORMS_ENDS), keys[place], section(segment, KEY_FORMS)->count, &begin, &end);
        if (status)
            return status;
        if (end - begin == form_count) {
            *number = (int64_t)item(section(segment, KEY_LISTS), keys[place]);
            return FINE;
        }
    }
    uint64_t first = item(form_stems, forms[0]);
    if ((status = row_of(section(segment, STEM_FORMS_ENDS), (size_t)first, section(segment, STEM_FORMS)->count, &begin, &end)))
        return status;
    int one = end - begin == form_count;
    for (size_t place = 0; place < form_count && one; place++)
        one = item(form_stems, forms[place]) == first;
    *number = one ? (int64_t)first : -1;
    return FINE;
}

/* Find the postings of a part that has its forms. keys: the numbers of its keys that the segment has; none for a pattern. */
static Status find_postings(const Segment *segment, Part *part, const size_t *keys, size_t key_count)
{
    Status status = FINE;
    int64_t number = -1;
    if (part->form_count) {
        ColumnReader stems = reader_of(section(segment, FORM_STEMS));
        part->nested = 1;
        for (size_t place = 0; place < part->form_count && part->nested; place++)
            part->nested = (int64_t)next_item(&stems, part->forms[place]) == part->stem_number;
        if ((status = list_of_forms(segment, part->forms, part->form_count, keys, key_count, &number)))
            return status;
        if (number >= 0)
            status = list_of(segment, (size_t)number, &part->own);
        else {
            status = put_together(segment, part->forms, part->form_count, &part->own_places, &part->own, &part->made_docs, &part->made_codes);
            part->has_own_places = !status;
        }
        if (status)
            return status;
    }
    if (part->stem_number >= 0)
        status = list_of(segment, (size_t)part->stem_number, &part->stem);
    part->same = number >= 0 && number == part->stem_number;
    return status;
}

/* Find the postings of the forms that have all keys. forms: those of each key, in order. */
static Status find_shared(const Segment *segment, Part *part, const Numbers *forms, const size_t *keys, size_t key_count)
{
    Numbers shared = {NULL, 0, 0};
    Sources sources = {NULL, 0};
    int64_t number;
    Status status = make_room(&shared, forms->count);
    for (size_t place = 0, begin = 0; place < forms->count && !status; place++) {
        if (forms->items[place] != forms->items[begin])
            begin = place;
        if (place + 1 - begin == key_count)
            shared.items[shared.count++] = forms->items[place];
    }
    if (!status && shared.count == part->form_count)
        part->shared = part->own;
    else if (!status && shared.count) {
        status = list_of_forms(segment, shared.items, shared.count, keys, key_count, &number);
        if (!status && number >= 0)
            status = list_of(segment, (size_t)number, &part->shared);
        else if (!status)
            status = put_together(segment, shared.items, shared.count, &sources, &part->shared, &part->shared_docs, &part->shared_codes);
    }
    free_sources(&sources);
    PyMem_RawFree(shared.items);
    return status;
}

/* keys: the numbers of the keys that the segment has, of `all` keys. */
static Status find_part(const Segment *segment, Part *part, const size_t *keys, size_t key_count, size_t all)
{
    Numbers forms = {NULL, 0, 0}, of_keys = {NULL, 0, 0};
    Status status = FINE;
    int may_share = all > 1 && key_count == all;
    for (size_t place = 0; place < key_count && !status; place++)
        status = add_forms(segment, KEY_FORMS_ENDS, keys[place], &forms);
    if (forms.count > 1)
        qsort(forms.items, forms.count, sizeof(uint32_t), ascending);
    if (may_share && !status && !(status = make_room(&of_keys, forms.count)) && forms.count) {
        memcpy(of_keys.items, forms.items, forms.count * sizeof(uint32_t));
        of_keys.count = forms.count;
    }
    forms.count = without_repeats(forms.items, forms.count);
    part->forms = forms.items;
    part->form_count = forms.count;
    if (!status)
        status = find_postings(segment, part, keys, key_count);
    if (!status && may_share)
        status = find_shared(segment, part, &of_keys, keys, key_count);
    PyMem_RawFree(of_keys.items);
    return status;
}

static Status live_docs(const Segment *segment, const uint8_t *live, const List *list, double *count)
{
    size_t found = list->count;
    if (live) {
        found = 0;
        for (size_t row = 0; row < list->count; row++) {
            uint32_t doc = doc_of(list, row);
            if (doc >= segment->doc_count)
                return DAMAGED;
            found += live[doc] != 0;
        }
    }
    *count += (double)found;
    return FINE;
}

Status weigh(Word *word)
{
    const Collection *collection = word->collection;
    double shared_freq = 0;
    for (size_t number = 0; number < collection->segment_count; number++) {
        const Segment *segment = collection->segments[number];
        const uint8_t *live = live_of(collection, number);
        Status status = live_docs(segment, live, &word->parts[number].own, &word->own_freq);
        if (!status)
            status = live_docs(segment, live, &word->parts[number].stem, &word->stem_freq);
        if (!status)
            status = live_docs(segment, live, &word->parts[number].shared, &shared_freq);
        if (status)
            return status;
    }
    word->idf = pow(idf_of(collection->doc_count, word->own_freq), collection->idf_power);
    if (word->own_freq)
        word->own_weight = (collection->lemma_weight + (word->with_stem ? 0 : collection->stem_weight)) * word->idf;
    if (word->stem_freq)
        word->stem_weight = collection->stem_weight * pow(idf_of(collection->doc_count, word->stem_freq), collection->idf_power);
    if (shared_freq) {
        word->shared_weight = word->own_weight * collection->shared_lemmas;
        word->own_weight *= 1 - collection->shared_lemmas;
    }
    /* More documents than there are would make it negative or no number. */
    return word->own_weight >= 0 && word->stem_weight >= 0 ? FINE : DAMAGED;
}

Word *new_word(Collection *collection)
{
    Word *word = (Word *)WordType.tp_alloc(&WordType, 0);
    if (!word)
        return NULL;
    Py_INCREF(collection);
    word->collection = collection;
    word->parts = PyMem_RawCalloc(collection->segment_count + 1, sizeof(Part));
    if (!word->parts) {
        Py_DECREF(word);
        PyErr_NoMemory();
        return NULL;
    }
    for (size_t number = 0; number < collection->segment_count; number++)
        word->parts[number].stem_number = -1;
    return word;
}

/* Look the keys and the stem of a part up. */
static Status look_up(const Segment *segment, Part *part, PyObject *keys, PyObject *stem)
{
    uint8_t bytes[LONGEST_STRING + 1];
    size_t numbers[MOST_KEYS], key_count = 0, length;
    int64_t found;
    Status status;
    if (stem != Py_None) {
        if ((status = table_string(stem, bytes, &length)))
            return status;
        if (length && (status = find_string(segment, STEMS_BYTES, bytes, length, &part->stem_number)))
            return status;
    }
    for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(keys); place++) {
        if ((status = table_string(PyTuple_GET_ITEM(keys, place), bytes, &length)))
            return status;
        if (!length)
            continue;
        if ((status = find_string(segment, KEYS_BYTES, bytes, length, &found)))
            return status;
        if (found >= 0)
            numbers[key_count++] = (size_t)found;
    }
    return find_part(segment, part, numbers, key_count, (size_t)PyTuple_GET_SIZE(keys));
}

static Status find_in_segments(Word *word, PyObject *keys, PyObject *stem, const Known *known)
{
    Status status = FINE;
    for (size_t number = 0; number < word->collection->segment_count && !status; number++) {
        const Segment *segment = word->collection->segments[number];
        Part *part = &word->parts[number];
        if (known && known->count && number == known->segment) {
            if (stem != Py_None)
                part->stem_number = (int64_t)known->stem_number;
            status = find_part(segment, part, known->key_numbers, known->count, (size_t)PyTuple_GET_SIZE(keys));
        } else
            status = look_up(segment, part, keys, stem);
    }
    return status;
}

Word *word_of(Collection *collection, PyObject *keys, PyObject *stem, const Known *known)
{
    Word *word = new_word(collection);
    if (!word)
        return NULL;
    word->with_stem = stem != Py_None;
    Py_INCREF(keys);
    word->keys = keys;
    Py_INCREF(stem);
    word->stem = stem;
    word->hash = PyObject_Hash(keys) ^ PyObject_Hash(stem); /* neither can fail: they are strings */
    Status status = find_in_segments(word, keys, stem, known);
    if (!status)
        status = weigh(word);
    if (status) {
        Py_DECREF(word);
        raise_status(status);
        return NULL;
    }
    return word;
}

/* word(keys: tuple[str, ...], stem: str | None) */
PyObject *collection_word(PyObject *self, PyObject *args)
{
    PyObject *keys, *stem;
    if (!PyArg_ParseTuple(args, "O!O", &PyTuple_Type, &keys, &stem))
        return NULL;
    int fits = PyTuple_GET_SIZE(keys) <= MOST_KEYS && (stem == Py_None || PyUnicode_Check(stem));
    for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(keys) && fits; place++)
        fits = PyUnicode_Check(PyTuple_GET_ITEM(keys, place));
    if (!fits) {
        PyErr_Format(PyExc_TypeError, "keys must be at most %d strings, and the stem one or None", MOST_KEYS);
        return NULL;
    }
    return (PyObject *)word_of((Collection *)self, keys, stem, NULL);
}

/* -- the words that begin alike */

/* Words of fewer forms keep the GIL: to let go of it takes longer. */
enum { MANY_FORMS = 200 };

/* Append the numbers of the forms that begin with a string. */
static Status add_beginning(const Segment *segment, const Beginning *beginning, Numbers *forms)
{
    size_t first, behind;
    Status status = beginning_range(segment, FORMS_BYTES, beginning->bytes, beginning->length, -1, &first, &behind);
    if (status || (status = make_room(forms, behind - first)))
        return status;
    for (; first < behind; first++)
        forms->items[forms->count++] = (uint32_t)first;
    return FINE;
}

static Status find_forms_postings(Word *word)
{
    Status status = FINE;
    for (size_t number = 0; number < word->collection->segment_count && !status; number++)
        status = find_postings(word->collection->segments[number], &word->parts[number], NULL, 0);
    return status;
}

static Status find_beginnings(Word *word, const Beginning *beginnings, size_t count)
{
    Status status = FINE;
    size_t all = 0;
    for (size_t number = 0; number < word->collection->segment_count && !status; number++) {
        Numbers forms = {NULL, 0, 0};
        for (size_t place = 0; place < count && !status; place++)
            status = add_beginning(word->collection->segments[number], &beginnings[place], &forms);
        sort_forms(&forms);
        word->parts[number].forms = forms.items;
        word->parts[number].form_count = forms.count;
        all += forms.count;
    }
    if (status)
        return status;
    if (all < MANY_FORMS)
        status = find_forms_postings(word);
    else {
        Py_BEGIN_ALLOW_THREADS
        status = find_forms_postings(word);
        Py_END_ALLOW_THREADS
    }
    return status ? status : weigh(word);
}

Word *word_of_beginnings(Collection *collection, const Beginning *beginnings, size_t count)
{
    Word *word = new_word(collection);
    Status status = word ? find_beginnings(word, beginnings, count) : FINE;
    if (status) {
        Py_CLEAR(word);
        raise_status(status);
    }
    return word;
}

/* Strings in UTF-8, those that a table may have. Gives how many; -1 with an exception. */
static Py_ssize_t as_beginnings(PyObject *strings, Beginning *beginnings)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(strings); place++) {
        Py_ssize_t size;
        const char *text = PyUnicode_AsUTF8AndSize(PyTuple_GET_ITEM(strings, place), &size);
        if (!text && !PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
            return -1;
        if (!text)
            PyErr_Clear(); /* half of a surrogate pair */
        else if (size < LONGEST_STRING)
            beginnings[count++] = (Beginning){(const uint8_t *)text, (size_t)size};
    }
    return count;
}

/* beginning(strings: tuple[str, ...]) */
PyObject *collection_beginning(PyObject *self, PyObject *strings)
{
    int fits = PyTuple_Check(strings);
    for (Py_ssize_t place = 0; fits && place < PyTuple_GET_SIZE(strings); place++)
        fits = PyUnicode_Check(PyTuple_GET_ITEM(strings, place));
    if (!fits) {
        PyErr_SetString(PyExc_TypeError, "beginnings must be a tuple of strings");
        return NULL;
    }
    Beginning *beginnings = PyMem_RawMalloc(((size_t)PyTuple_GET_SIZE(strings) + 1) * sizeof(Beginning));
    if (!beginnings)
        return PyErr_NoMemory();
    Py_ssize_t count = as_beginnings(strings, beginnings);
    Word *word = count < 0 ? NULL : word_of_beginnings((Collection *)self, beginnings, (size_t)count);
    PyMem_RawFree(beginnings);
    return (PyObject *)word;
}

/* -- places */

Status need_own_places(Word *word)
{
    for (size_t number = 0; number < word->collection->segment_count; number++) {
        Part *part = &word->parts[number];
        if (part->has_own_places)
            continue;
        Status status = make_sources(word->collection->segments[number], part->forms, part->form_count, &part->own_places);
        if (status) {
            free_sources(&part->own_places);
            return status;
        }
        part->has_own_places = 1;
    }
    return FINE;
}

Status need_word_places(Word *word)
{
    for (size_t number = 0; number < word->collection->segment_count; number++) {
        Part *part = &word->parts[number];
        if (part->has_word_places)
            continue;
        Numbers forms = {NULL, 0, 0};
        Status status = make_room(&forms, part->form_count);
        if (!status) {
            if (part->form_count)
                memcpy(forms.items, part->forms, part->form_count * sizeof(uint32_t));
            forms.count = part->form_count;
            if (part->stem_number >= 0)
                status = add_forms(word->collection->segments[number], STEM_FORMS_ENDS, (size_t)part->stem_number, &forms);
        }
        sort_forms(&forms);
        if (!status)
            status = make_sources(word->collection->segments[number], forms.items, forms.count, &part->word_places);
        PyMem_RawFree(forms.items);
        if (status) {
            free_sources(&part->word_places);
            return status;
        }
        part->has_word_places = 1;
    }
    return FINE;
}
