/* May a plain word be more than itself: a name, its beginning, or a name of the other alphabet? `WordBridges.leads_alone` is the
   definition. Few words may; the rest are told here. */
#include "names.h"
#include "plain.h"

/* Whether none of the keys begins a name, as far as is known without Python; -1: an exception is set. */
static int begin_none(const PlainQueries *queries, PyObject *keys)
{
    int none = 1;
    for (Py_ssize_t number = 0; none > 0 && number < PyTuple_GET_SIZE(keys); number++) {
        PyObject *key = PyTuple_GET_ITEM(keys, number);
        if (queries->prepared != Py_None) {
            PyObject *first = PyUnicode_Substring(key, 0, queries->first_letters);
            none = first ? PySet_Contains(queries->prepared, first) : -1;
            Py_XDECREF(first);
        }
        for (Py_ssize_t table = 0; none > 0 && table < PyTuple_GET_SIZE(queries->begins); table++) {
            int begins = PyDict_Contains(PyTuple_GET_ITEM(queries->begins, table), key);
            none = begins < 0 ? -1 : !begins;
        }
    }
    return none;
}

/* Asks the owner for the tables of names of the other alphabet. */
static int need_names(PlainQueries *queries, PyObject *owner)
{
    PyObject *skeletons, *correspondences, *given = PyObject_CallMethod(owner, "name_tables", NULL);
    int fits = given && PyTuple_Check(given)
        && PyArg_ParseTuple(given, "O!O!nnd", &SkeletonsType, &skeletons, &CorrespondencesType, &correspondences, &queries->shortest_name,
                            &queries->longest_name, &queries->least_name);
    if (fits && !queries->skeletons) { /* no other thread was quicker */
        Py_INCREF(correspondences);
        queries->correspondences = (Correspondences *)correspondences;
        Py_INCREF(skeletons);
        queries->skeletons = (Skeletons *)skeletons;
    }
    if (!fits && !PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "tables of names are a tuple");
    Py_XDECREF(given);
    return fits ? 0 : -1;
}

/* Whether a word that is no common one may be a name of the other alphabet, too; -1: an exception is set; 2: only Python can tell. */
static int may_be_name(PlainQueries *queries, PyObject *owner, PyObject *text, PyObject *keys)
{
    if (!queries->skeletons && need_names(queries, owner) < 0)
        return -1;
    Py_ssize_t letters = PyUnicode_GET_LENGTH(text);
    if (letters < queries->shortest_name || letters > queries->longest_name)
        return 0;
    if (PyTuple_GET_SIZE(keys) != 1 || PyUnicode_GET_LENGTH(PyTuple_GET_ITEM(keys, 0)) > queries->longest_name)
        return 2;
    return may_be_names(queries->skeletons, queries->correspondences, queries->collection->lexicon, keys, !PyUnicode_IS_ASCII(text), queries->least_name);
}

static int ask_whether_it_leads(PyObject *owner, PyObject *text, const Known *known)
{
    PyObject *told = PyObject_CallMethod(owner, "leads_alone", "OOO", text, known->keys, known->is_common ? Py_True : Py_False);
    int leads = !told ? -1 : told == Py_None ? 2 : PyObject_IsTrue(told);
    Py_XDECREF(told);
    return leads;
}

int leads_alone(PlainQueries *queries, PyObject *owner, PyObject *text, const Known *known)
{
    int none = begin_none(queries, known->keys);
    if (none < 0)
        return -1;
    int name = none && !known->is_common ? may_be_name(queries, owner, text, known->keys) : 0;
    if (!none || name == 2)
        return ask_whether_it_leads(owner, text, known);
    return name == 1 ? 2 : name;
}
