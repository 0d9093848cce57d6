/* PlainQueries: answers a query of plain words, one phrase or one beginning. search/answer.py is the definition of what it finds. */
#include "plain.h"
#include "search.h"

static PyObject *none(void)
{
    Py_RETURN_NONE;
}

/* -- words */

/* What is known of the words of a query. */
typedef struct {
    KnownWord *items[MOST_TOKENS];
    size_t count;
} KnownWords;

static void free_known(KnownWords *words)
{
    for (size_t number = 0; number < words->count; number++)
        Py_DECREF(words->items[number]);
}

/* 1: every word is known; 0: one is not; -1: an exception is set. */
static int know_all(PlainQueries *queries, PyObject *owner, const Tokens *tokens, int in_phrase, KnownWords *words)
{
    words->count = 0;
    for (size_t number = 0; number < tokens->count; number++) {
        KnownWord *known = (in_phrase ? known_in_phrase : known_word)(queries, owner, tokens->items[number]);
        if (!known)
            return -1;
        words->items[words->count++] = known;
        if (!known->count)
            return 0;
    }
    return 1;
}

/* What is asked for: the ids of the best documents, or the page with them. */
typedef struct {
    size_t k;
    int page;
    PyObject *allowed; /* as take_allowed has it */
    uint64_t total; /* of a page: how many documents there are */
    PyObject *words; /* of a page: those of which there may be something to tell; NULL for none */
} Wanted;

/* What there is to say of words that find nothing. Without limits, None: another way of reading them may find something. */
static PyObject *nothing_for(const Wanted *wanted)
{
    return wanted->allowed == Py_None ? none() : PyList_New(0);
}

/* The best documents of words. If they find nothing, see nothing_for. */
static PyObject *best_of(const PlainQueries *queries, const KnownWords *words, int all_words, Wanted *wanted)
{
    size_t k = wanted->k;
    Search search = {.collection = queries->collection, .all_words = all_words, .counts = wanted->page, .slot_count = words->count};
    size_t arms = 0;
    PyObject *found = NULL;
    for (size_t number = 0; number < words->count; number++)
        arms += words->items[number]->count;
    search.slots = PyMem_RawMalloc(words->count * sizeof(Slot));
    search.arms = PyMem_RawMalloc(arms * sizeof(Arm));
    if (!search.slots || !search.arms)
        PyErr_NoMemory();
    else {
        Arm *arm = search.arms;
        for (size_t number = 0; number < words->count; number++) {
            const KnownWord *known = words->items[number];
            search.slots[number] = (Slot){arm, known->count, 0};
            for (size_t place = 0; place < known->count; place++)
                *arm++ = (Arm){known->arms[place].word, words->count == 1 ? known->arms[place].alone : known->arms[place].among_others};
        }
        if (take_allowed(&search, wanted->allowed) == 0 && best_hits(&search, k, words->count > 1 ? queries->rescored : 0) == 0)
            found = search.total ? hits_of(&search, k, !wanted->page) : nothing_for(wanted);
        wanted->total = search.total;
    }
    free_search(&search);
    return found;
}

/* Whether no word is left out for what it costs, even if every document has all of them. */
static int takes_few_steps(const PlainQueries *queries, PyObject *owner, const KnownWords *words)
{
    size_t lists = 0;
    for (size_t number = queries->most_free; number < words->count; number++)
        lists += words->items[number]->count + (size_t)PyTuple_GET_SIZE(words->items[number]->keys);
    PyObject *told = PyObject_CallMethod(owner, "takes_few_steps", "n", (Py_ssize_t)lists);
    int few = told ? PyObject_IsTrue(told) : -1;
    Py_XDECREF(told);
    return few;
}

/* Whether a row of words has a name of several, which one of them must begin that is not the last. */
static int has_name(const PlainQueries *queries, PyObject *owner, const KnownWords *words)
{
    int leads = 0;
    for (size_t number = 0; number + 1 < words->count && !leads; number++) {
        const KnownWord *first = words->items[number], *next = words->items[number + 1];
        leads = first->leads && !(first->made_here && next->made_here && begin_no_name(queries, first->keys, next->keys));
    }
    PyObject *row = leads ? PyList_New((Py_ssize_t)words->count) : NULL;
    if (!leads)
        return 0;
    for (size_t number = 0; row && number < words->count; number++) {
        const KnownWord *known = words->items[number];
        PyObject *word = PyTuple_Pack(3, known->text, known->keys, known->stem);
        if (!word)
            Py_CLEAR(row);
        else
            PyList_SET_ITEM(row, (Py_ssize_t)number, word);
    }
    PyObject *told = row ? PyObject_CallMethod(owner, "has_name", "O", row) : NULL;
    int has = told ? PyObject_IsTrue(told) : -1;
    Py_XDECREF(told);
    Py_XDECREF(row);
    return has;
}

/* The words of which there may be something to tell. */
static PyObject *told_of(const Tokens *tokens, const KnownWords *words)
{
    Py_ssize_t count = 0;
    for (size_t number = 0; number < words->count; number++)
        count += !words->items[number]->is_common;
    PyObject *told = PyTuple_New(count);
    for (size_t number = words->count; told && number--;)
        if (!words->items[number]->is_common)
            PyTuple_SET_ITEM(told, --count, Py_NewRef(tokens->items[number]));
    return told;
}

/* The answer to words, with AND between all of them or nothing. */
static PyObject *answer_words(PlainQueries *queries, PyObject *owner, Tokens *tokens, Wanted *wanted)
{
    int all_words = has_reserved(queries->reserved, tokens);
    int plain = all_words < 0 ? -1 : all_words ? drop_operators(queries->reserved, tokens) : 1;
    if (plain <= 0 || tokens->count > queries->most_words)
        return plain < 0 ? NULL : none();
    KnownWords words;
    int known = know_all(queries, owner, tokens, 0, &words);
    if (known > 0 && words.count > queries->most_free)
        known = takes_few_steps(queries, owner, &words);
    if (known > 0 && words.count > 1) {
        int named = has_name(queries, owner, &words);
        known = named < 0 ? -1 : !named;
    }
    if (known > 0 && wanted->page && !(wanted->words = told_of(tokens, &words)))
        known = -1;
    PyObject *found = known < 0 ? NULL : known ? best_of(queries, &words, all_words, wanted) : none();
    free_known(&words);
    return found;
}

/* -- beginnings and phrases */

static PyObject *answer_beginning(PlainQueries *queries, PyObject *owner, PyObject *beginning, Wanted *wanted)
{
    KnownWords words = {.count = 1};
    if (!(words.items[0] = known_beginning(queries, owner, beginning)))
        return NULL;
    PyObject *found = words.items[0]->count ? best_of(queries, &words, 0, wanted) : none();
    free_known(&words);
    if (found && found != Py_None && !wanted->total) { /* in the other keyboard layout it may begin a word */
        Py_DECREF(found);
        return none();
    }
    return found;
}

/* The page of a phrase. To count its documents, all are found. */
static PyObject *page_of_phrase(const PlainQueries *queries, PyObject *row, Py_ssize_t slop, Wanted *wanted)
{
    Word *phrase = word_of_phrase(queries->collection, row, slop);
    PlainArm arm = {phrase, 1, 1};
    KnownWord known = {.arms = &arm, .count = 1};
    KnownWords words = {.items = {&known}, .count = 1};
    PyObject *found = phrase ? best_of(queries, &words, 0, wanted) : NULL;
    Py_XDECREF(phrase);
    return found;
}

static PyObject *best_of_phrase(const PlainQueries *queries, const KnownWords *words, Py_ssize_t slop, Wanted *wanted)
{
    PyObject *row = PyTuple_New((Py_ssize_t)words->count);
    if (!row)
        return NULL;
    for (size_t number = 0; number < words->count; number++) {
        Py_INCREF(words->items[number]->arms[0].word);
        PyTuple_SET_ITEM(row, (Py_ssize_t)number, (PyObject *)words->items[number]->arms[0].word);
    }
    PyObject *found = wanted->page ? page_of_phrase(queries, row, slop, wanted)
                                   : best_of_row(queries->collection, row, slop, (Py_ssize_t)wanted->k, wanted->allowed, &wanted->total);
    Py_DECREF(row);
    if (!found || wanted->total)
        return found;
    Py_DECREF(found);
    return nothing_for(wanted);
}

static PyObject *answer_phrase(PlainQueries *queries, PyObject *owner, const Tokens *tokens, Py_ssize_t slop, Wanted *wanted)
{
    int reserved = has_reserved(queries->reserved, tokens);
    if (reserved < 0)
        return NULL;
    if (reserved || !wanted->k || tokens->count < 2 || tokens->count > (slop ? queries->most_near : queries->most_free))
        return none();
    KnownWords words;
    int known = know_all(queries, owner, tokens, 1, &words);
    PyObject *found = known < 0 ? NULL : known ? best_of_phrase(queries, &words, slop, wanted) : none();
    free_known(&words);
    return found;
}

/* -- queries */

/* What a query finds. None if it may mean more than its words, or finds nothing without limits. */
static PyObject *answer(PlainQueries *self, PyObject *owner, PyObject *query, Wanted *wanted)
{
    PyObject *found = NULL;
    Py_ssize_t size = PyUnicode_GET_LENGTH(query), from, to, slop;
    if (size > self->longest)
        return none();
    Tokens tokens;
    int plain = split_plain(query, 0, size, &tokens);
    if (plain > 0)
        found = answer_words(self, owner, &tokens, wanted);
    free_tokens(&tokens);
    if (plain)
        return found;
    if (is_beginning(query, self->longest_prefix, &from, &to)) {
        PyObject *beginning = PyUnicode_Substring(query, from, to);
        found = beginning ? answer_beginning(self, owner, beginning, wanted) : NULL;
        Py_XDECREF(beginning);
        return found;
    }
    if (!is_phrase(query, &to, &slop))
        return none();
    plain = split_plain(query, 1, to, &tokens);
    found = plain > 0 ? answer_phrase(self, owner, &tokens, slop, wanted) : plain ? NULL : none();
    free_tokens(&tokens);
    return found;
}

/* Take (owner: KnownWords, query: str, limit: int, allowed: tuple of buffers, or None or nothing). */
static int take_question(PyObject *const *args, Py_ssize_t count, Wanted *wanted)
{
    if (count < 3 || count > 4 || !PyUnicode_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "an owner, a query, a limit and perhaps the allowed documents are expected");
        return -1;
    }
    Py_ssize_t k = PyLong_AsSsize_t(args[2]);
    if (k < 0 && !PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "a limit below 0");
    wanted->k = (size_t)k;
    wanted->allowed = count == 4 ? args[3] : Py_None;
    return k < 0 ? -1 : 0;
}

/* ids(owner, query, limit, allowed) */
static PyObject *queries_ids(PlainQueries *self, PyObject *const *args, Py_ssize_t count)
{
    Wanted wanted = {0};
    return take_question(args, count, &wanted) < 0 ? NULL : answer(self, args[0], args[1], &wanted);
}

/* page(owner, query, limit, allowed) */
static PyObject *queries_page(PlainQueries *self, PyObject *const *args, Py_ssize_t count)
{
    Wanted wanted = {.page = 1};
    if (take_question(args, count, &wanted) < 0)
        return NULL;
    PyObject *found = answer(self, args[0], args[1], &wanted);
    if (found && found != Py_None) {
        PyObject *words = wanted.words ? Py_NewRef(wanted.words) : PyTuple_New(0);
        if (words)
            found = Py_BuildValue("(KNN)", (unsigned long long)wanted.total, found, words);
        else
            Py_CLEAR(found);
    }
    Py_XDECREF(wanted.words);
    return found;
}

/* -- the type */

static int make_cache(WordCache *cache, Py_ssize_t bytes)
{
    cache->half = (size_t)bytes / 2;
    cache->fresh = PyDict_New();
    cache->older = cache->fresh ? PyDict_New() : NULL;
    return cache->older ? 0 : -1;
}

static PyObject *queries_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    (void)keywords;
    PlainQueries *self = (PlainQueries *)type->tp_alloc(type, 0);
    PyObject *collection, *begins;
    Py_ssize_t bytes, rescored, words, unhelped, near;
    if (!self)
        return NULL;
    Derived *derived = &self->derived;
    if (!PyArg_ParseTuple(args, "O!(nndd)n(nnnnn)O!O!(OO!np)n", &CollectionType, &collection, &derived->rare, &derived->most, &derived->weight, &derived->least,
                          &rescored, &self->longest, &words, &unhelped, &near, &self->longest_prefix, &PyFrozenSet_Type, &self->reserved, &PyFrozenSet_Type,
                          &self->function_words, &self->prepared, &PyTuple_Type, &begins, &self->first_letters, &self->translates, &bytes)) {
        self->reserved = self->function_words = self->prepared = NULL;
        Py_DECREF(self);
        return NULL;
    }
    Py_INCREF(collection);
    self->collection = (Collection *)collection;
    Py_INCREF(self->reserved);
    Py_INCREF(self->function_words);
    Py_INCREF(self->prepared);
    Py_INCREF(begins);
    self->begins = begins;
    self->longest_capitals = self->most_twins = -1;
    int fits = derived->most >= 0 && rescored >= 0 && unhelped >= 0 && near >= 0 && words > 0 && 2 * words < MOST_TOKENS && unhelped < MOST_TOKENS
        && near < MOST_TOKENS && bytes >= 0 && (self->prepared == Py_None || PySet_Check(self->prepared));
    for (Py_ssize_t table = 0; fits && table < PyTuple_GET_SIZE(begins); table++)
        fits = PyDict_Check(PyTuple_GET_ITEM(begins, table));
    if (!fits) {
        PyErr_SetString(PyExc_ValueError, "not what plain queries need");
        Py_DECREF(self);
        return NULL;
    }
    self->rescored = (size_t)rescored;
    self->most_words = (size_t)words;
    self->most_free = (size_t)unhelped;
    self->most_near = (size_t)near;
    if (make_cache(&self->words, bytes) < 0 || make_cache(&self->in_phrases, bytes) < 0)
        Py_CLEAR(self);
    return (PyObject *)self;
}

static void queries_dealloc(PlainQueries *self)
{
    PyObject *held[] = {
        self->reserved, self->function_words, self->prepared, self->begins, (PyObject *)self->derivation[0], (PyObject *)self->derivation[1], (PyObject *)self->skeletons,
        (PyObject *)self->correspondences, self->words.fresh, self->words.older, self->in_phrases.fresh, self->in_phrases.older,
        (PyObject *)self->collection,
    };
    for (size_t place = 0; place < sizeof held / sizeof *held; place++)
        Py_XDECREF(held[place]);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyObject *queries_kept_bytes(PlainQueries *self, void *unused)
{
    (void)unused;
    return Py_BuildValue("(nn)", (Py_ssize_t)self->words.fresh_bytes, (Py_ssize_t)self->in_phrases.fresh_bytes);
}

static PyGetSetDef queries_attributes[] = {
    {"kept_bytes", (getter)queries_kept_bytes, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef queries_methods[] = {
    {"ids", (PyCFunction)(void (*)(void))queries_ids, METH_FASTCALL, NULL},
    {"page", (PyCFunction)(void (*)(void))queries_page, METH_FASTCALL, NULL},
    {"plain", queries_plain, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject PlainQueriesType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.PlainQueries",
    .tp_basicsize = sizeof(PlainQueries),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = queries_new,
    .tp_dealloc = (destructor)queries_dealloc,
    .tp_getset = queries_attributes,
    .tp_methods = queries_methods,
};
