/* A plain word of a query with its derived words. search/known_words.py says when a word has no other alternatives;
   search/bridges/word_bridges.py and search/ranking/bridge_weights.py are the definition of the weights. */
#include "derivation.h"
#include "plain.h"

/* Whether all keys are of small letters of one of these alphabets. Others may be abbreviations. */
static int are_small(PyObject *keys)
{
    for (Py_ssize_t number = 0; number < PyTuple_GET_SIZE(keys); number++) {
        PyObject *key = PyTuple_GET_ITEM(keys, number);
        for (Py_ssize_t place = 0; place < PyUnicode_GET_LENGTH(key); place++) {
            Py_UCS4 c = PyUnicode_READ_CHAR(key, place);
            if (c - 'a' >= 26u && c - 0x430 >= 32u)
                return 0;
        }
    }
    return 1;
}

int know_plain(const Collection *collection, const uint8_t *form, size_t length, PlainWord *word)
{
    word->order = NULL;
    word->arms = NULL;
    word->count = 0;
    int there = know_form(collection->lexicon, form, length, &word->known);
    if (there <= 0)
        return there;
    if (word->known.is_known && PyTuple_GET_SIZE(word->known.keys) <= MOST_KEYS && are_small(word->known.keys))
        return 1;
    free_plain_word(word);
    return 0;
}

void free_plain_word(PlainWord *word)
{
    for (size_t place = 0; place < word->count; place++)
        Py_DECREF(word->arms[place].word);
    PyMem_Free(word->arms);
    Py_XDECREF(word->order);
    Py_DECREF(word->known.keys);
    Py_DECREF(word->known.stem);
}

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

/* Add the derived words. See `BridgeWeights.of`. */
static int add_derived(Collection *collection, size_t others, const Derived *derived, PlainWord *word)
{
    const Word *own = word->arms[0].word;
    double typed = own->own_weight + own->stem_weight, first = own->own_freq ? own->own_weight : own->stem_weight;
    for (size_t place = 0; place < others; place++) {
        PyObject *pair = PyList_GET_ITEM(word->order, (Py_ssize_t)place), *keys = PyTuple_Pack(1, PyTuple_GET_ITEM(pair, 1));
        Word *other = keys ? word_of(collection, keys, Py_None, NULL) : NULL;
        Py_XDECREF(keys);
        if (!other)
            return -1;
        double strength = other->own_weight + other->stem_weight, weight = -PyFloat_AS_DOUBLE(PyTuple_GET_ITEM(pair, 0)) * derived->weight;
        weight *= !strength ? 0 : typed < strength ? typed / strength : 1;
        word->arms[word->count++] = (PlainArm){other, weight * (first * derived->least / typed), weight};
    }
    return 0;
}

int make_arms(Collection *collection, const Derivation *tables, const Derived *derived, PlainWord *word)
{
    size_t others = 0;
    if (tables) {
        PyObject *relatives = find_relatives(tables, collection->lexicon, word->known.keys);
        word->order = relatives ? ordered(word->known.keys, relatives) : NULL;
        Py_XDECREF(relatives);
        if (!word->order)
            return -1;
        others = (size_t)(PyList_GET_SIZE(word->order) < derived->most ? PyList_GET_SIZE(word->order) : derived->most);
    }
    word->arms = PyMem_Malloc((others + 1) * sizeof(PlainArm));
    if (!word->arms) {
        PyErr_NoMemory();
        return -1;
    }
    Word *own = word_of(collection, word->known.keys, word->known.stem, &word->known);
    if (!own)
        return -1;
    word->arms[word->count++] = (PlainArm){own, 1, 1};
    if (others && !(own->own_weight + own->stem_weight))
        return 0; /* nothing to measure the others by */
    return add_derived(collection, others, derived, word) < 0 ? -1 : 1;
}
