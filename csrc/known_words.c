/* The words of plain queries, kept. What only Python knows of a word is asked of the owner; see search/known_words.py. */
#include "derivation.h"
#include "plain.h"

/* Bytes of what is kept of any word, about. */
enum { BYTES_OF_ANY = 500 };

static KnownWord *new_known(void)
{
    return (KnownWord *)KnownWordType.tp_alloc(&KnownWordType, 0);
}

static void known_dealloc(KnownWord *self)
{
    for (size_t place = 0; place < self->count; place++)
        Py_DECREF(self->arms[place].word);
    PyMem_Free(self->arms);
    Py_XDECREF(self->text);
    Py_XDECREF(self->keys);
    Py_XDECREF(self->stem);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

PyTypeObject KnownWordType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.KnownWord",
    .tp_basicsize = sizeof(KnownWord),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = (destructor)known_dealloc,
};

/* -- the cache */

static size_t bytes_of_known(const KnownWord *known)
{
    size_t bytes = BYTES_OF_ANY;
    for (size_t place = 0; place < known->count; place++)
        bytes += bytes_of_word(known->arms[place].word);
    return bytes;
}

static int keep(WordCache *cache, PyObject *text, KnownWord *known)
{
    size_t bytes = bytes_of_known(known);
    if (bytes > cache->half)
        return 0;
    if (cache->fresh_bytes + bytes > cache->half) {
        PyObject *fresh = PyDict_New();
        if (!fresh)
            return -1;
        PyObject *dropped = cache->older;
        cache->older = cache->fresh;
        cache->fresh = fresh;
        cache->fresh_bytes = 0;
        Py_DECREF(dropped);
    }
    if (PyDict_SetItem(cache->fresh, text, (PyObject *)known) < 0)
        return -1;
    cache->fresh_bytes += bytes;
    return 0;
}

/* A kept word, which counts as used; NULL, perhaps with an exception, if there is none. */
static KnownWord *kept(WordCache *cache, PyObject *text)
{
    PyObject *found = PyDict_GetItemWithError(cache->fresh, text);
    if (found) {
        Py_INCREF(found);
        return (KnownWord *)found;
    }
    if (PyErr_Occurred() || !(found = PyDict_GetItemWithError(cache->older, text)))
        return NULL;
    Py_INCREF(found);
    if (keep(cache, text, (KnownWord *)found) < 0)
        Py_CLEAR(found);
    return (KnownWord *)found;
}

/* Keep what was made; NULL stays NULL. */
static KnownWord *keep_made(WordCache *cache, PyObject *text, KnownWord *made)
{
    if (made && keep(cache, text, made) < 0)
        Py_CLEAR(made);
    return made;
}

/* -- what Python knows */

static int take_arm(const PlainQueries *queries, PyObject *word, double alone, double among_others, KnownWord *known)
{
    if (Py_TYPE(word) != &WordType || ((Word *)word)->collection != queries->collection) {
        PyErr_SetString(PyExc_TypeError, "not a Word of this collection");
        return -1;
    }
    if (!(alone >= 0 && among_others >= 0)) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_ValueError, "a factor below 0");
        return -1;
    }
    Py_INCREF(word);
    known->arms[known->count++] = (PlainArm){(Word *)word, alone, among_others};
    return 0;
}

static int make_arm_room(KnownWord *known, size_t count)
{
    known->arms = PyMem_Malloc(count * sizeof(PlainArm));
    if (!known->arms)
        PyErr_NoMemory();
    return known->arms ? 0 : -1;
}

/* Take (text, keys, stem, slot alone, slot among others, leads). */
static int take_known(const PlainQueries *queries, PyObject *given, KnownWord *known)
{
    PyObject *alone, *others;
    if (!PyTuple_Check(given)
        || !PyArg_ParseTuple(given, "UO!OO!O!p", &known->text, &PyTuple_Type, &known->keys, &known->stem, &PyTuple_Type, &alone, &PyTuple_Type, &others,
                             &known->leads)) {
        known->text = known->keys = known->stem = NULL;
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "a known word is a tuple");
        return -1;
    }
    Py_INCREF(known->text);
    Py_INCREF(known->keys);
    Py_INCREF(known->stem);
    Py_ssize_t size = PyTuple_GET_SIZE(alone);
    if (size < 2 || size % 2 || PyTuple_GET_SIZE(others) != size) {
        PyErr_SetString(PyExc_TypeError, "a slot is (word, factor, ...)");
        return -1;
    }
    if (make_arm_room(known, (size_t)size / 2) < 0)
        return -1;
    for (Py_ssize_t place = 0; place < size; place += 2)
        if (take_arm(queries, PyTuple_GET_ITEM(alone, place), PyFloat_AsDouble(PyTuple_GET_ITEM(alone, place + 1)),
                     PyFloat_AsDouble(PyTuple_GET_ITEM(others, place + 1)), known) < 0)
            return -1;
    return 0;
}

/* What a method of the owner tells of a text: a known word, a Word alone, or None. */
static KnownWord *ask(const PlainQueries *queries, PyObject *owner, const char *method, PyObject *text)
{
    PyObject *given = PyObject_CallMethod(owner, method, "O", text);
    KnownWord *known = given ? new_known() : NULL;
    int failed = !known;
    if (known && Py_TYPE(given) == &WordType)
        failed = make_arm_room(known, 1) < 0 || take_arm(queries, given, 1, 1, known) < 0;
    else if (known && given != Py_None)
        failed = take_known(queries, given, known) < 0;
    Py_XDECREF(given);
    if (failed)
        Py_CLEAR(known);
    return known;
}

/* The tables of derivation for a word. They are read at the first rare one: that takes a tenth of a search from cold. */
static const Derivation *tables_for(PlainQueries *queries, PyObject *owner, PyObject *text)
{
    Derivation **kept = &queries->derivation[PyUnicode_IS_ASCII(text)];
    if (!*kept) {
        PyObject *tables = PyObject_CallMethod(owner, "derivation_tables", "O", text);
        if (tables && Py_TYPE(tables) != &DerivationType) {
            PyErr_SetString(PyExc_TypeError, "not tables of derivation");
            Py_CLEAR(tables);
        }
        if (*kept) /* another thread was quicker */
            Py_XDECREF(tables);
        else
            *kept = (Derivation *)tables;
    }
    return *kept;
}

/* -- words */

/* Asks the owner for the translations of a known word: their keys, and their weight. 0: done; -1: an exception is set. */
static int need_translations(PyObject *owner, PyObject *text, PyObject *keys, Translations *translations)
{
    PyObject *told = PyObject_CallMethod(owner, "translations", "OO", text, keys), *given;
    int fits = told && PyTuple_Check(told) && PyArg_ParseTuple(told, "O!d", &PyTuple_Type, &given, &translations->weight)
        && translations->weight > 0 && translations->weight <= 1;
    for (Py_ssize_t place = 0; fits && place < PyTuple_GET_SIZE(given); place++)
        fits = PyUnicode_Check(PyTuple_GET_ITEM(given, place));
    if (fits)
        translations->keys = Py_NewRef(given);
    else if (!PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "translations are a tuple of keys, and a weight above 0 and at most 1");
    Py_XDECREF(told);
    return fits ? 0 : -1;
}

/* 1: `word` is a plain word with its derived words, if it may have any; 0: another way must be gone; -1: an exception is set. */
static int make_plain(PlainQueries *queries, PyObject *owner, PyObject *text, int derives, PlainWord *word)
{
    uint8_t form[2 * LONGEST_PLAIN_WORD + 1];
    const Derivation *tables = NULL;
    Translations translations = {NULL, 0};
    size_t length = plain_form(text, form);
    int made = length ? know_plain(queries->collection, form, length, word) : 0;
    if (made <= 0)
        return made;
    if (derives && word->known.docs < (double)queries->derived.rare) {
        int holds = PySet_Contains(queries->function_words, text); /* function words are rare in an index of the other language */
        if (holds < 0 || (!holds && queries->translates && need_translations(owner, text, word->known.keys, &translations) < 0))
            made = -1;
        else if (!holds && !(tables = tables_for(queries, owner, text)))
            made = -1;
    }
    if (made > 0)
        made = make_arms(queries->collection, &translations, tables, &queries->derived, word);
    if (made <= 0)
        free_plain_word(word);
    Py_XDECREF(translations.keys);
    return made;
}

/* A known word that takes over what was made. */
static KnownWord *known_of(const PlainQueries *queries, PyObject *text, int leads, PlainWord *word)
{
    KnownWord *known = new_known();
    if (known) {
        Py_INCREF(text);
        known->text = text;
        Py_INCREF(word->known.keys);
        known->keys = word->known.keys;
        Py_INCREF(word->known.stem);
        known->stem = word->known.stem;
        known->leads = leads;
        known->made_here = 1;
        known->is_common = word->known.docs >= (double)queries->derived.rare;
        known->arms = word->arms;
        known->count = word->count;
        word->arms = NULL;
        word->count = 0;
    }
    return known;
}

KnownWord *known_word(PlainQueries *queries, PyObject *owner, PyObject *text)
{
    KnownWord *known = kept(&queries->words, text);
    if (known || PyErr_Occurred())
        return known;
    PlainWord word;
    int made = make_plain(queries, owner, text, 1, &word);
    if (made < 0)
        return NULL;
    if (made) {
        int leads = leads_alone(queries, owner, text, &word.known);
        known = leads == 0 || leads == 1 ? known_of(queries, text, leads, &word) : NULL;
        free_plain_word(&word);
        if (!known && leads != 2)
            return NULL;
    }
    if (!known)
        known = ask(queries, owner, "know", text);
    return keep_made(&queries->words, text, known);
}

/* Asks the owner for the limits of beginnings. */
static int need_limits(PlainQueries *queries, PyObject *owner)
{
    PyObject *given = PyObject_CallMethod(owner, "beginning_limits", NULL);
    Py_ssize_t longest, twins;
    int fits = given && PyTuple_Check(given) && PyArg_ParseTuple(given, "nn", &longest, &twins) && longest >= 0 && twins >= 0;
    if (fits) {
        queries->longest_capitals = longest;
        queries->most_twins = twins;
    } else if (!PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "limits of beginnings are two numbers from 0");
    Py_XDECREF(given);
    return fits ? 0 : -1;
}

/* A known word of one Word. */
static KnownWord *known_of_word(const PlainQueries *queries, Word *word)
{
    KnownWord *known = word ? new_known() : NULL;
    if (known && (make_arm_room(known, 1) < 0 || take_arm(queries, (PyObject *)word, 1, 1, known) < 0))
        Py_CLEAR(known);
    return known;
}

KnownWord *known_beginning(PlainQueries *queries, PyObject *owner, PyObject *text)
{
    Beginnings beginnings;
    KnownWord *known = kept(&queries->words, text);
    if (known || PyErr_Occurred() || (queries->longest_capitals < 0 && need_limits(queries, owner) < 0))
        return known;
    size_t count = read_beginnings(text, queries->longest_capitals, (size_t)queries->most_twins, &beginnings);
    if (count) {
        Word *word = word_of_beginnings(queries->collection, beginnings.items, count);
        known = known_of_word(queries, word);
        Py_XDECREF(word);
    } else
        known = ask(queries, owner, "know_beginning", text);
    return keep_made(&queries->words, text, known);
}

KnownWord *known_in_phrase(PlainQueries *queries, PyObject *owner, PyObject *text)
{
    KnownWord *known = kept(&queries->in_phrases, text);
    if (known || PyErr_Occurred())
        return known;
    PyObject *alone = PyDict_GetItemWithError(queries->words.fresh, text);
    if (alone && ((KnownWord *)alone)->made_here)
        return keep_made(&queries->in_phrases, text, known_of_word(queries, ((KnownWord *)alone)->arms[0].word));
    PlainWord word;
    int made = PyErr_Occurred() ? -1 : make_plain(queries, owner, text, 0, &word);
    if (made < 0)
        return NULL;
    if (made) {
        known = known_of(queries, text, 0, &word);
        free_plain_word(&word);
    } else
        known = ask(queries, owner, "know_in_phrase", text);
    return keep_made(&queries->in_phrases, text, known);
}

/* -- a word for the tree of a query */

/* A slot: (word, factor, ...). */
static PyObject *slot_of(const PlainWord *word, int alone)
{
    PyObject *slot = PyTuple_New(2 * (Py_ssize_t)word->count);
    for (size_t place = 0; slot && place < word->count; place++) {
        const PlainArm *arm = &word->arms[place];
        PyObject *factor = PyFloat_FromDouble(alone ? arm->alone : arm->among_others);
        if (!factor) {
            Py_CLEAR(slot);
            break;
        }
        Py_INCREF(arm->word);
        PyTuple_SET_ITEM(slot, 2 * (Py_ssize_t)place, (PyObject *)arm->word);
        PyTuple_SET_ITEM(slot, 2 * (Py_ssize_t)place + 1, factor);
    }
    return slot;
}

/* (key, similarity) of the derived words. */
static PyObject *derived_of(const PlainWord *word)
{
    size_t before = 1 + word->translated;
    PyObject *found = PyTuple_New((Py_ssize_t)(word->count - before));
    for (Py_ssize_t place = 0; found && place < PyTuple_GET_SIZE(found); place++) {
        size_t arm = before + (size_t)place;
        PyObject *pair = Py_BuildValue("(Od)", PyTuple_GET_ITEM(word->arms[arm].word->keys, 0), word->similarities[arm]);
        if (!pair)
            Py_CLEAR(found);
        else
            PyTuple_SET_ITEM(found, place, pair);
    }
    return found;
}

PyObject *queries_plain(PyObject *self, PyObject *args)
{
    PyObject *owner, *text;
    PlainWord word;
    if (!PyArg_ParseTuple(args, "OU", &owner, &text))
        return NULL;
    int made = make_plain((PlainQueries *)self, owner, text, 1, &word);
    if (made < 0)
        return NULL;
    if (!made)
        Py_RETURN_NONE;
    int leads = leads_alone((PlainQueries *)self, owner, text, &word.known);
    PyObject *found = NULL;
    if (leads == 2) {
        found = Py_None;
        Py_INCREF(found);
    } else if (leads >= 0) {
        PyObject *alone = slot_of(&word, 1), *others = alone ? slot_of(&word, 0) : NULL, *derived = others ? derived_of(&word) : NULL;
        if (derived)
            found = Py_BuildValue("(OOOOOO)", word.known.keys, word.known.stem, alone, others, derived, leads ? Py_True : Py_False);
        Py_XDECREF(alone);
        Py_XDECREF(others);
        Py_XDECREF(derived);
    }
    free_plain_word(&word);
    return found;
}
