/* One search for the best documents: from the arguments to ids and scores. search/ranking/page.py is the definition. */
#include "hits.h"

/* Searches that look at fewer postings keep the GIL: to let go of it and to wait for it again takes longer. */
enum { LONG_SEARCH = 20000 };

static Status run(Search *search, Nearness *nearness, size_t k)
{
    Status status = search->all_words ? find_all(search) : find_any(search);
    if (status)
        return status;
    if (nearness->pair_count) {
        size_t count = search->hit_count;
        if (count > search->rescored) {
            sort_hits(search);
            count = search->rescored;
        }
        if ((status = add_bonus(search, nearness, count)))
            return status;
    }
    keep_best(search, k);
    return search->tie_status;
}

/* The arms of a slot: (word, factor, word, factor ...). */
static int take_slot(Search *search, PyObject *given, Slot *slot, Arm *arms)
{
    size_t count = (size_t)PyTuple_GET_SIZE(given) / 2;
    *slot = (Slot){arms, count, 0};
    for (size_t place = 0; place < count; place++) {
        PyObject *word = PyTuple_GET_ITEM(given, 2 * place);
        if (Py_TYPE(word) != &WordType || ((Word *)word)->collection != search->collection) {
            PyErr_SetString(PyExc_TypeError, "not a Word of this collection");
            return -1;
        }
        arms[place] = (Arm){(Word *)word, PyFloat_AsDouble(PyTuple_GET_ITEM(given, 2 * place + 1))};
        if (!(arms[place].factor >= 0)) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_ValueError, "a factor below 0");
            return -1;
        }
    }
    return 0;
}

int take_slots(Search *search, PyObject *slots)
{
    size_t arms = 0;
    search->slot_count = (size_t)PyTuple_GET_SIZE(slots);
    for (size_t place = 0; place < search->slot_count; place++) {
        PyObject *slot = PyTuple_GET_ITEM(slots, place);
        if (!PyTuple_Check(slot) || PyTuple_GET_SIZE(slot) < 2 || PyTuple_GET_SIZE(slot) % 2) {
            PyErr_SetString(PyExc_TypeError, "a slot is (word, factor, ...)");
            return -1;
        }
        arms += (size_t)PyTuple_GET_SIZE(slot) / 2;
    }
    search->slots = PyMem_RawMalloc((search->slot_count + 1) * sizeof(Slot));
    search->arms = PyMem_RawMalloc((arms + 1) * sizeof(Arm));
    if (!search->slots || !search->arms) {
        PyErr_NoMemory();
        return -1;
    }
    Arm *next = search->arms;
    for (size_t place = 0; place < search->slot_count; place++) {
        if (take_slot(search, PyTuple_GET_ITEM(slots, place), &search->slots[place], next) < 0)
            return -1;
        next += search->slots[place].count;
    }
    return 0;
}

int take_allowed(Search *search, PyObject *allowed)
{
    search->allowed = PyMem_RawCalloc(search->collection->segment_count + 1, sizeof(Py_buffer));
    if (!search->allowed) {
        PyErr_NoMemory();
        return -1;
    }
    if (allowed == Py_None)
        return 0;
    if (!PyTuple_Check(allowed) || (size_t)PyTuple_GET_SIZE(allowed) != search->collection->segment_count) {
        PyErr_SetString(PyExc_ValueError, "there must be a buffer for each segment");
        return -1;
    }
    for (size_t number = 0; number < search->collection->segment_count; number++) {
        Py_buffer *buffer = &search->allowed[number];
        if (PyObject_GetBuffer(PyTuple_GET_ITEM(allowed, number), buffer, PyBUF_SIMPLE) < 0)
            return -1;
        if (buffer->len != (Py_ssize_t)search->collection->segments[number]->doc_count) {
            PyErr_SetString(PyExc_ValueError, "there must be a byte for each document");
            return -1;
        }
    }
    return 0;
}

static size_t count_postings(const Search *search)
{
    size_t postings = 0;
    for (size_t number = 0; number < search->collection->segment_count; number++)
        for (size_t place = 0; place < search->slot_count; place++)
            postings += size_of_slot(&search->slots[place], number);
    return postings;
}

/* (id, score), or (number of the segment, document, score). Py_BuildValue would take four times as long. */
static PyObject *hit_of(const Search *search, const Hit *hit, int with_ids)
{
    PyObject *values[3];
    Py_ssize_t count = 0, made = 0;
    if (with_ids)
        values[count++] = id_of(search->collection->segments[hit->segment], hit->doc);
    else {
        values[count++] = PyLong_FromUnsignedLong(hit->segment);
        values[count++] = PyLong_FromUnsignedLong(hit->doc);
    }
    values[count++] = PyFloat_FromDouble(hit->score);
    PyObject *one = PyTuple_New(count);
    for (Py_ssize_t place = 0; place < count; place++) {
        made += values[place] != NULL;
        if (one)
            PyTuple_SET_ITEM(one, place, values[place]);
        else
            Py_XDECREF(values[place]);
    }
    if (made < count)
        Py_CLEAR(one);
    return one;
}

PyObject *hits_of(const Search *search, size_t k, int with_ids)
{
    size_t count = search->hit_count < k ? search->hit_count : k;
    PyObject *found = PyList_New((Py_ssize_t)count);
    for (size_t place = 0; found && place < count; place++) {
        PyObject *one = hit_of(search, &search->hits[place], with_ids);
        if (!one)
            Py_CLEAR(found);
        else
            PyList_SET_ITEM(found, (Py_ssize_t)place, one);
    }
    return found;
}

/* Take scratch memory, of the collection if no other search has it. */
static Status take_scratch(Search *search)
{
    search->scratch = search->collection->scratch ? search->collection->scratch : new_scratch();
    search->collection->scratch = NULL;
    return search->scratch ? FINE : NO_MEMORY;
}

static void give_scratch(Search *search)
{
    if (search->collection->scratch) /* another search was quicker to give its own back */
        free_scratch(search->scratch);
    else
        search->collection->scratch = search->scratch;
}

int best_hits(Search *search, size_t k, size_t rescored)
{
    Nearness nearness = {NULL, 0, NULL, 0, {NULL, 0, 0}};
    Status status = FINE;
    size_t docs = 0;
    for (size_t number = 0; number < search->collection->segment_count; number++)
        docs += search->collection->segments[number]->doc_count;
    search->rescored = k ? rescored : 0;
    search->room = k > search->rescored ? k : search->rescored;
    if (search->room > docs)
        search->room = docs; /* a heap of more hits than there are is never full */
    nearness.pairs = PyMem_RawCalloc(search->slot_count + 1, sizeof(Pair));
    nearness.words = PyMem_RawCalloc(2 * search->slot_count + 1, sizeof(WordAt));
    search->hits = PyMem_RawMalloc((search->room + 1) * sizeof(Hit));
    if (take_scratch(search) || !nearness.pairs || !nearness.words || !search->hits)
        status = NO_MEMORY;
    if (!status && search->rescored)
        status = find_pairs(search, &nearness);
    if (!status && !nearness.pair_count && search->room > k)
        search->room = k; /* no bonus will change the order */
    if (!status) {
        search->postings = count_postings(search);
        if (search->postings < LONG_SEARCH)
            status = run(search, &nearness, k);
        else {
            Py_BEGIN_ALLOW_THREADS
            status = run(search, &nearness, k);
            Py_END_ALLOW_THREADS
        }
    }
    give_scratch(search);
    free_nearness(&nearness);
    if (status)
        raise_status(status);
    return status ? -1 : 0;
}

/* Find all documents, those of a segment ascending. */
static int all_hits(Search *search)
{
    size_t docs = 0;
    for (size_t number = 0; number < search->collection->segment_count; number++)
        docs += search->collection->segments[number]->doc_count;
    search->postings = count_postings(search);
    /* One more than there can be, so that they never become a heap. */
    search->room = 1 + (search->postings < docs ? search->postings : docs);
    search->hits = PyMem_RawMalloc(search->room * sizeof(Hit));
    Status status = take_scratch(search);
    if (!search->hits)
        status = NO_MEMORY;
    if (!status && search->postings < LONG_SEARCH)
        status = search->all_words ? find_all(search) : find_any(search);
    else if (!status) {
        Py_BEGIN_ALLOW_THREADS
        status = search->all_words ? find_all(search) : find_any(search);
        Py_END_ALLOW_THREADS
    }
    give_scratch(search);
    if (!status && search->total != search->hit_count) /* more than postings: a list names a document twice */
        status = DAMAGED;
    if (status)
        raise_status(status);
    return status ? -1 : 0;
}

void free_search(Search *search)
{
    for (size_t number = 0; search->allowed && number < search->collection->segment_count; number++)
        if (search->allowed[number].obj)
            PyBuffer_Release(&search->allowed[number]);
    PyMem_RawFree(search->allowed);
    PyMem_RawFree(search->slots);
    PyMem_RawFree(search->arms);
    PyMem_RawFree(search->hits);
}

static PyObject *best(PyObject *self, PyObject *args, int with_ids)
{
    PyObject *slots, *allowed = Py_None;
    int all_words;
    Py_ssize_t k, rescored;
    if (!PyArg_ParseTuple(args, "O!pnn|O", &PyTuple_Type, &slots, &all_words, &k, &rescored, &allowed))
        return NULL;
    if (k < 0 || rescored < 0 || !PyTuple_GET_SIZE(slots)) {
        PyErr_SetString(PyExc_ValueError, "there must be a slot, and no number below 0");
        return NULL;
    }
    Search search = {0};
    PyObject *found = NULL;
    search.collection = (Collection *)self;
    search.all_words = all_words;
    search.counts = !with_ids;
    if (take_slots(&search, slots) == 0 && take_allowed(&search, allowed) == 0 && best_hits(&search, (size_t)k, (size_t)rescored) == 0)
        found = hits_of(&search, (size_t)k, with_ids);
    free_search(&search);
    return found ? Py_BuildValue("(KN)", (unsigned long long)search.total, found) : NULL;
}

PyObject *collection_best(PyObject *self, PyObject *args) { return best(self, args, 0); }

PyObject *collection_best_ids(PyObject *self, PyObject *args) { return best(self, args, 1); }

/* found(slots, all_words, allowed) */
PyObject *collection_found(PyObject *self, PyObject *args)
{
    PyObject *slots, *allowed = Py_None, *found = NULL;
    int all_words;
    if (!PyArg_ParseTuple(args, "O!p|O", &PyTuple_Type, &slots, &all_words, &allowed))
        return NULL;
    if (!PyTuple_GET_SIZE(slots)) {
        PyErr_SetString(PyExc_ValueError, "there must be a slot");
        return NULL;
    }
    Search search = {.collection = (Collection *)self, .all_words = all_words, .counts = 1};
    if (take_slots(&search, slots) == 0 && take_allowed(&search, allowed) == 0 && all_hits(&search) == 0)
        found = PyBytes_FromStringAndSize((const char *)search.hits, (Py_ssize_t)(search.hit_count * sizeof(Hit)));
    free_search(&search);
    return found;
}
