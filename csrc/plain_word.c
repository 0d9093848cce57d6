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
    word->arms = NULL;
    word->similarities = NULL;
    word->count = word->translated = 0;
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
    PyMem_Free(word->similarities);
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

/* The most similar first; of equal ones in the order of their keys. */
static int by_similarity(const void *left, const void *right)
{
    const Relative *one = left, *other = right;
    if (one->similarity != other->similarity)
        return one->similarity < other->similarity ? 1 : -1;
    return PyUnicode_Compare(one->key, other->key);
}

/* Add another word, found by its key, that answers the word with a weight. See `BridgeWeights.of`. known: of the key, or NULL. */
static int add_other(Collection *collection, PyObject *key, const Known *known, double similarity, double weight, double least, PlainWord *word)
{
    const Word *own = word->arms[0].word;
    double typed = own->own_weight + own->shared_weight + own->stem_weight, first = own->own_freq ? own->own_weight : own->stem_weight;
    PyObject *keys = PyTuple_Pack(1, key);
    Word *other = keys ? word_of(collection, keys, Py_None, known) : NULL;
    Py_XDECREF(keys);
    if (!other)
        return -1;
    double strength = other->own_weight + other->shared_weight + other->stem_weight;
    weight *= !strength ? 0 : typed < strength ? typed / strength : 1;
    word->arms[word->count] = (PlainArm){other, weight * (first * least / typed), weight};
    word->similarities[word->count++] = similarity;
    return 0;
}

static int add_derived(Collection *collection, const Relative *relative, const Derived *derived, PlainWord *word)
{
    Known known = {.segment = relative->segment, .count = 1, .key_numbers = {relative->number}};
    return add_other(collection, relative->key, &known, relative->similarity, relative->similarity * derived->weight, derived->least, word);
}

/* The arms of a word with its translations and its first relatives. */
static int add_arms(Collection *collection, const Translations *translations, const Derived *derived, const RelativeList *relatives, PlainWord *word)
{
    size_t related = relatives->count < (size_t)derived->most ? relatives->count : (size_t)derived->most;
    size_t translated = translations->keys ? (size_t)PyTuple_GET_SIZE(translations->keys) : 0, others = related + translated;
    word->arms = PyMem_Malloc((others + 1) * sizeof(PlainArm));
    word->similarities = PyMem_Malloc((others + 1) * sizeof(double));
    if (!word->arms || !word->similarities) {
        PyErr_NoMemory();
        return -1;
    }
    Word *own = word_of(collection, word->known.keys, word->known.stem, &word->known);
    if (!own)
        return -1;
    word->arms[word->count] = (PlainArm){own, 1, 1};
    word->similarities[word->count++] = 1;
    if (others && !(own->own_weight + own->shared_weight + own->stem_weight))
        return 0; /* nothing to measure the others by */
    for (; word->translated < translated; word->translated++)
        if (add_other(collection, PyTuple_GET_ITEM(translations->keys, (Py_ssize_t)word->translated), NULL, 0, translations->weight, derived->least, word) < 0)
            return -1;
    for (size_t place = 0; place < related; place++)
        if (add_derived(collection, &relatives->items[place], derived, word) < 0)
            return -1;
    return 1;
}

int make_arms(Collection *collection, const Translations *translations, const Derivation *tables, const Derived *derived, PlainWord *word)
{
    RelativeList relatives = {NULL, 0, 0};
    int made = tables ? find_relatives(tables, collection->lexicon, word->known.keys, &word->known, &relatives) : 0;
    for (size_t place = 0; place < relatives.count; place++)
        relatives.items[place].similarity = similarity_to(word->known.keys, relatives.items[place].key);
    if (relatives.count > 1)
        qsort(relatives.items, relatives.count, sizeof(Relative), by_similarity);
    if (made == 0)
        made = add_arms(collection, translations, derived, &relatives, word);
    free_relatives(&relatives);
    return made;
}
