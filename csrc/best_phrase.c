/* The best documents of a query that is one phrase. search/ranking/page.py is the definition. */
#include "hits.h"
#include "impact.h"

typedef struct {
    Search *search;
    double weight;
} PhraseBest;

static double phrase_score(const PhraseBest *best, size_t number, uint32_t doc, uint8_t code)
{
    const Collection *collection = best->search->collection;
    return best->weight * impact_of(collection, collection->segments[number], collection->norms[number], doc, code);
}

/* A sum of products may differ in its last digits. */
static double bound_of(void *state, size_t number, uint32_t doc, uint8_t most)
{
    return phrase_score(state, number, doc, most) * (1 + 1e-9);
}

/* More than that, but quicker to tell. A float is less exact. */
static double loose_bound_of(void *state, size_t number, uint32_t doc, uint8_t most)
{
    const PhraseBest *best = state;
    return best->weight * (double)most_impact(best->search->collection, number, doc, most) * (1 + 1e-5);
}

static int may_be_best(void *state, double bound)
{
    const Search *search = ((PhraseBest *)state)->search;
    return search->hit_count < search->room || bound >= search->hits[0].score;
}

static void offer_phrase(void *state, size_t number, uint32_t doc, uint8_t code)
{
    PhraseBest *best = state;
    offer(best->search, number, doc, phrase_score(best, number, doc, code));
}

PyObject *best_of_row(Collection *collection, PyObject *words, Py_ssize_t slop, Py_ssize_t k, PyObject *allowed, uint64_t *total)
{
    PyObject *found = NULL;
    Search search = {.collection = collection};
    if (take_phrase_words((PyObject *)collection, words, slop))
        return NULL;
    for (size_t number = 0; number < search.collection->segment_count; number++)
        search.room += search.collection->segments[number]->doc_count;
    if (search.room > (size_t)k)
        search.room = (size_t)k;
    search.hits = PyMem_RawMalloc((search.room + 1) * sizeof(Hit));
    if (!search.hits)
        return PyErr_NoMemory();
    if (take_allowed(&search, allowed) == 0) {
        PhraseBest best = {&search, (search.collection->lemma_weight + search.collection->stem_weight) * phrase_idf(words)};
        PhraseTaker taker = {.state = &best, .bound = bound_of, .loose_bound = loose_bound_of, .wants = may_be_best, .take = offer_phrase};
        Status status = find_phrase(words, (size_t)slop, &taker);
        if (!status) {
            sort_hits(&search);
            status = search.tie_status;
        }
        found = status ? raise_status(status) : hits_of(&search, search.room, 1);
        *total = search.total;
    }
    free_search(&search);
    return found;
}

/* best_phrase_ids(words: tuple[Word, ...], slop: int, k: int) */
PyObject *collection_best_phrase_ids(PyObject *self, PyObject *args)
{
    PyObject *words;
    Py_ssize_t slop, k;
    uint64_t total;
    if (!PyArg_ParseTuple(args, "O!nn", &PyTuple_Type, &words, &slop, &k))
        return NULL;
    if (k < 1) {
        PyErr_SetString(PyExc_ValueError, "at least one document must be wanted");
        return NULL;
    }
    PyObject *found = best_of_row((Collection *)self, words, slop, k, Py_None, &total);
    return found ? Py_BuildValue("(KN)", (unsigned long long)total, found) : NULL;
}
