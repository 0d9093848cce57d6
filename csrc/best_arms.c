/* By which arms of a slot documents of a page get their scores. Evaluation.best_arms in search/ranking is the definition. */
#include "arms.h"

/* Scores as near as this are equal: they may come from sums in another order. */
static const double EQUAL = 1 + 1e-9;

/* The first arm with the greatest score of a document; -1 if none has it. */
static Py_ssize_t best_arm(const Search *search, const Slot *slot, size_t number, uint32_t doc)
{
    double greatest = 0;
    Py_ssize_t best = -1;
    for (size_t place = 0; place < slot->count; place++) {
        ArmAt at;
        start_arm(&slot->arms[place], number, &at);
        if (!slot_has(&at, 1, doc))
            continue;
        double score = slot_score(search, &at, 1, number, doc);
        if (score > greatest * EQUAL) {
            greatest = score;
            best = (Py_ssize_t)place;
        }
    }
    return best;
}

static int add_arm(PyObject *arms, const Search *search, PyObject *place)
{
    unsigned int segment, doc;
    if (!PyTuple_Check(place)) {
        PyErr_SetString(PyExc_TypeError, "no place of a document");
        return -1;
    }
    if (!PyArg_ParseTuple(place, "II", &segment, &doc))
        return -1;
    if (segment >= search->collection->segment_count || doc >= search->collection->segments[segment]->doc_count) {
        PyErr_SetString(PyExc_ValueError, "no such document");
        return -1;
    }
    Py_ssize_t best = best_arm(search, search->slots, segment, doc);
    if (best < 0)
        return 0;
    PyObject *number = PyLong_FromSsize_t(best);
    int status = number ? PySet_Add(arms, number) : -1;
    Py_XDECREF(number);
    return status;
}

/* best_arms(slot, places) */
PyObject *collection_best_arms(PyObject *self, PyObject *args)
{
    PyObject *slot, *places, *arms = NULL, *slots;
    if (!PyArg_ParseTuple(args, "O!O!", &PyTuple_Type, &slot, &PyList_Type, &places))
        return NULL;
    slots = PyTuple_Pack(1, slot);
    if (!slots)
        return NULL;
    Search search = {.collection = (Collection *)self};
    if (take_slots(&search, slots) == 0)
        arms = PySet_New(NULL);
    for (Py_ssize_t row = 0; arms && row < PyList_GET_SIZE(places); row++)
        if (add_arm(arms, &search, PyList_GET_ITEM(places, row)) < 0)
            Py_CLEAR(arms);
    free_search(&search);
    Py_DECREF(slots);
    return arms;
}
