/* A plain word of a query with its derived words, at once. search/known_words.py says when a word has no other alternatives;
   search/bridges/word_bridges.py and search/ranking/bridge_weights.py are the definition of the weights. */
#include "derivation.h"

typedef struct {
    double weight; /* of a derived word that is as similar as can be */
    double least; /* the least that a posting adds to a score, by the most */
    Py_ssize_t most; /* derived words */
} Derived;

/* Dice's coefficient of the common prefix, which counts as one letter at least; of the key that is nearest. */
static double similarity_to(PyObject *keys, PyObject *other)
{
    double greatest = 0;
    Py_ssize_t length = PyUnicode_GET_LENGTH(other);
    for (Py_ssize_t number = 0; number < PyTuple_GET_SIZE(keys); number++) {
        PyObject *key = PyTuple_GET_ITEM(keys, number);
        Py_ssize_t own = PyUnicode_GET_LENGTH(key), place = 0;
        while (place < own && place < length && PyUnicode_READ_CHAR(key, place) == PyUnicode_READ_CHAR(other, place))
            place++;
        double similarity = 2 * (double)(place > 1 ? place : 1) / (double)(own + length);
        greatest = similarity > greatest ? similarity : greatest;
    }
    return greatest;
}

/* (-similarity, key) of each relative, the most similar first. */
static PyObject *ordered(PyObject *keys, PyObject *found)
{
    PyObject *order = PyList_New(0), *each = PyObject_GetIter(found), *key;
    int failed = !order || !each;
    while (!failed && (key = PyIter_Next(each))) {
        PyObject *pair = Py_BuildValue("(dN)", -similarity_to(keys, key), key);
        failed = !pair || PyList_Append(order, pair) < 0;
        Py_XDECREF(pair);
    }
    if (failed || PyErr_Occurred() || PyList_Sort(order) < 0)
        Py_CLEAR(order);
    Py_XDECREF(each);
    return order;
}

/* Set the word and its factor at a place of a slot. */
static int put(PyObject *slot, Py_ssize_t place, PyObject *word, double factor)
{
    PyObject *number = PyFloat_FromDouble(factor);
    if (!number)
        return -1;
    Py_INCREF(word);
    PyTuple_SET_ITEM(slot, 2 * place, word);
    PyTuple_SET_ITEM(slot, 2 * place + 1, number);
    return 0;
}

/* Put derived words into the slots of a word: as the whole query, and beside other words. See `BridgeWeights.of`. */
static int put_derived(Word *own, PyObject *order, const Derived *derived, PyObject *alone, PyObject *among_others)
{
    double typed = own->own_weight + own->stem_weight, first = own->own_freq ? own->own_weight : own->stem_weight;
    for (Py_ssize_t place = 1; place < PyTuple_GET_SIZE(alone) / 2; place++) {
        PyObject *pair = PyList_GET_ITEM(order, place - 1), *keys = PyTuple_Pack(1, PyTuple_GET_ITEM(pair, 1));
        Word *other = keys ? word_of(own->collection, keys, Py_None) : NULL;
        Py_XDECREF(keys);
        if (!other)
            return -1;
        double strength = other->own_weight + other->stem_weight, weight = -PyFloat_AS_DOUBLE(PyTuple_GET_ITEM(pair, 0)) * derived->weight;
        weight *= !strength ? 0 : typed < strength ? typed / strength : 1;
        int failed = put(alone, place, (PyObject *)other, weight * (first * derived->least / typed)) < 0
                     || put(among_others, place, (PyObject *)other, weight) < 0;
        Py_DECREF(other);
        if (failed)
            return -1;
    }
    return 0;
}

/* (key, similarity) of the first relatives in their order. */
static PyObject *similarities(PyObject *order, Py_ssize_t count)
{
    PyObject *found = PyTuple_New(count);
    for (Py_ssize_t place = 0; found && place < count; place++) {
        PyObject *pair = PyList_GET_ITEM(order, place);
        PyObject *turned = Py_BuildValue("(Od)", PyTuple_GET_ITEM(pair, 1), -PyFloat_AS_DOUBLE(PyTuple_GET_ITEM(pair, 0)));
        if (!turned)
            Py_CLEAR(found);
        else
            PyTuple_SET_ITEM(found, place, turned);
    }
    return found;
}

/* (keys, stem, whether all keys are common, slot alone, slot among others, its relatives) of a word; `order`: all of them, or NULL. */
static PyObject *slots_of(Collection *collection, const Known *known, PyObject *order, const Derived *derived)
{
    Word *own = word_of(collection, known->keys, known->stem);
    Py_ssize_t others = order ? PyList_GET_SIZE(order) : 0;
    others = others < derived->most ? others : derived->most;
    if (own && others && !(own->own_weight + own->stem_weight)) { /* nothing to measure the others by */
        Py_DECREF(own);
        Py_RETURN_NONE;
    }
    PyObject *alone = own ? PyTuple_New(2 * others + 2) : NULL, *among_others = own ? PyTuple_New(2 * others + 2) : NULL, *relatives = NULL, *found = NULL;
    if (alone && among_others && put(alone, 0, (PyObject *)own, 1) == 0 && put(among_others, 0, (PyObject *)own, 1) == 0
        && put_derived(own, order, derived, alone, among_others) == 0)
        relatives = similarities(order, others);
    if (relatives)
        found = Py_BuildValue("(OONOOO)", known->keys, known->stem, PyBool_FromLong(known->is_common), alone, among_others, relatives);
    Py_XDECREF(relatives);
    Py_XDECREF(alone);
    Py_XDECREF(among_others);
    Py_XDECREF(own);
    return found;
}

/* plain(form: str, tables: Derivation, rare: int, most: int, weight: float, least: float) */
PyObject *collection_plain(PyObject *self, PyObject *args)
{
    PyObject *form, *tables, *order = NULL, *found = NULL;
    Py_ssize_t rare;
    Derived derived;
    Known known;
    if (!PyArg_ParseTuple(args, "UO!nndd", &form, &DerivationType, &tables, &rare, &derived.most, &derived.weight, &derived.least))
        return NULL;
    if (derived.most < 0) {
        PyErr_SetString(PyExc_ValueError, "a number below 0");
        return NULL;
    }
    const Lexicon *lexicon = ((Collection *)self)->lexicon;
    int there = know_form(lexicon, form, &known);
    if (there < 0)
        return NULL;
    if (!there)
        Py_RETURN_NONE;
    if (!known.is_known || PyTuple_GET_SIZE(known.keys) > MOST_KEYS) {
        found = Py_None;
        Py_INCREF(found);
    } else if (known.docs < (double)rare) {
        PyObject *relatives = find_relatives((Derivation *)tables, lexicon, known.keys);
        order = relatives ? ordered(known.keys, relatives) : NULL;
        Py_XDECREF(relatives);
    }
    if (!found && !PyErr_Occurred())
        found = slots_of((Collection *)self, &known, order, &derived);
    Py_XDECREF(order);
    Py_DECREF(known.keys);
    Py_DECREF(known.stem);
    return found;
}
