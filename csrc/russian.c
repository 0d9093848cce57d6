/* Russian: finds the lemmas of many words at once; analysis/lemmatize/russian.py says how it is asked. */
#include "morphology.h"

/* -- tables */

static int take_paradigms(Russian *self, PyObject *buffer)
{
    if (PyObject_GetBuffer(buffer, &self->paradigms, PyBUF_SIMPLE) < 0)
        return -1;
    size_t count = (size_t)self->paradigms.len / 2, place = 1;
    const uint8_t *numbers = self->paradigms.buf;
    self->paradigm_count = count ? number_at(numbers, 2, 0) : 0;
    self->paradigm_starts = PyMem_RawCalloc(self->paradigm_count + 1, sizeof(uint32_t));
    if (!self->paradigm_starts) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t paradigm = 0; paradigm < self->paradigm_count; paradigm++) {
        size_t length = place < count ? number_at(numbers, 2, place) : 0;
        if (place >= count || length > count - place - 1 || length % 3) {
            PyErr_SetString(PyExc_ValueError, "these are no paradigms");
            return -1;
        }
        self->paradigm_starts[paradigm] = (uint32_t)(place + 1);
        place += 1 + length;
    }
    self->paradigm_starts[self->paradigm_count] = (uint32_t)place + 1; /* where another one would begin */
    return 0;
}

static int take_tag(Russian *self, size_t *room, PyObject *item)
{
    const char *text;
    Py_ssize_t length;
    unsigned int features, group;
    int productive;
    if (!PyTuple_Check(item)) {
        PyErr_SetString(PyExc_TypeError, "a tag is a tuple");
        return -1;
    }
    if (!PyArg_ParseTuple(item, "y#IpI", &text, &length, &features, &productive, &group))
        return -1;
    for (Py_ssize_t place = 0; place < length; place++) {
        uint8_t *texts = with_room(self->tag_texts, room, self->tag_bytes, 1);
        if (!texts) {
            PyErr_NoMemory();
            return -1;
        }
        self->tag_texts = texts;
        texts[self->tag_bytes++] = (uint8_t)text[place];
    }
    self->tags[self->tag_count++] = (Tag){
        features, group, (uint32_t)(self->tag_bytes - (size_t)length), (uint32_t)length, productive,
    };
    return 0;
}

static int take_tags(Russian *self, PyObject *sequence)
{
    PyObject *items = PySequence_Tuple(sequence);
    size_t room = 0, count = items ? (size_t)PyTuple_GET_SIZE(items) : 0;
    if (items && !count)
        PyErr_SetString(PyExc_ValueError, "the tag of unknown words is missing");
    self->tags = count ? PyMem_RawCalloc(count, sizeof(Tag)) : NULL;
    if (count && !self->tags)
        PyErr_NoMemory();
    int failed = !self->tags;
    for (size_t place = 0; place < count && !failed; place++)
        failed = take_tag(self, &room, PyTuple_GET_ITEM(items, place));
    Py_XDECREF(items);
    return failed ? -1 : 0;
}

static int take_endings(Russian *self, PyObject *sequence)
{
    PyObject *items = PySequence_Tuple(sequence);
    size_t count = items ? (size_t)PyTuple_GET_SIZE(items) : 0;
    self->endings = items ? PyMem_RawCalloc(count + 1, sizeof(Dawg)) : NULL;
    int failed = !self->endings;
    if (failed && items)
        PyErr_NoMemory();
    for (size_t place = 0; place < count && !failed; place++)
        failed = make_dawg(&self->endings[self->ending_count++], PyTuple_GET_ITEM(items, place), 1);
    if (!failed && count != self->affixes.count) {
        PyErr_SetString(PyExc_ValueError, "each affix has a table of endings");
        failed = 1;
    }
    Py_XDECREF(items);
    return failed ? -1 : 0;
}

static int take_left_out(Russian *self, PyObject *sequence)
{
    const uint64_t seeds[] = {0, 0x9E3779B97F4A7C15}; /* nobody else chooses these words */
    PieceTable words = {NULL, NULL, 0};
    int failed = make_pieces(&words, sequence);
    if (!failed && make_spellings(&self->left_out, seeds)) {
        PyErr_NoMemory();
        failed = 1;
    }
    self->has_left_out = !failed;
    for (size_t number = 0; number < words.count && !failed; number++) {
        Letters word = {.length = (uint16_t)piece_at(&words, number).length};
        memcpy(word.units, piece_at(&words, number).units, word.length * sizeof(uint16_t));
        uint32_t hash = hash_of(&self->left_out, word.units, word.length);
        if (add_spelling(&self->left_out, hash, word.units, word.length, (uint32_t)number)) {
            PyErr_NoMemory();
            failed = 1;
        }
    }
    free_pieces(&words);
    return failed ? -1 : 0;
}

static PyObject *russian_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"words", "endings", "probabilities", "longest_ending", "affixes", "suffixes", "paradigms", "tags",
                            "prefixes", "left_out", NULL};
    PyObject *words, *endings, *probabilities, *affixes, *suffixes, *paradigms, *tags, *prefixes, *left_out;
    unsigned int longest_ending;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OOOIOOOOOO", names, &words, &endings, &probabilities, &longest_ending, &affixes,
                                     &suffixes, &paradigms, &tags, &prefixes, &left_out))
        return NULL;
    Russian *self = (Russian *)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    self->longest_ending = longest_ending;
    self->has_probabilities = probabilities != Py_None;
    if (make_dawg(&self->words, words, 1) || (self->has_probabilities && make_dawg(&self->probabilities, probabilities, 0))
        || make_pieces(&self->affixes, affixes) || make_pieces(&self->suffixes, suffixes) || make_pieces(&self->prefixes, prefixes)
        || take_endings(self, endings) || take_paradigms(self, paradigms) || take_tags(self, tags) || take_left_out(self, left_out))
        Py_CLEAR(self);
    return (PyObject *)self;
}

static void russian_dealloc(Russian *self)
{
    free_dawg(&self->words);
    free_dawg(&self->probabilities);
    for (size_t place = 0; place < self->ending_count; place++)
        free_dawg(&self->endings[place]);
    PyMem_RawFree(self->endings);
    free_pieces(&self->affixes);
    free_pieces(&self->suffixes);
    free_pieces(&self->prefixes);
    if (self->paradigms.obj)
        PyBuffer_Release(&self->paradigms);
    PyMem_RawFree(self->paradigm_starts);
    PyMem_RawFree(self->tags);
    PyMem_RawFree(self->tag_texts);
    if (self->has_left_out)
        free_spellings(&self->left_out);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

/* -- words */

/* Whether a text is a word of the Russian alphabet, in small letters. */
static int read_word(const Text *text, Letters *word)
{
    if (!text->count || text->count > LONGEST_WORD || text->width != 2)
        return 0;
    const uint16_t *units = text->data;
    for (size_t place = 0; place < text->count; place++)
        if ((units[place] < 0x430 || units[place] > 0x44F) && units[place] != YO)
            return 0;
    memcpy(word->units, units, text->count * sizeof(uint16_t));
    word->length = (uint16_t)text->count;
    return 1;
}

/* Tell which lemmas are common. */
static void set_common(Work *work, const Letters *form, Lemmas *lemmas)
{
    memset(lemmas->common, 0, lemmas->count);
    work->reading_count = 0;
    put_dictionary_readings(work, form, (Piece){NULL, 0}, 1.0);
    for (size_t place = 0; place < work->reading_count && !work->outcome; place++) {
        Letters lemma = without_dots(&work->readings[place].lemma);
        int counts = !(work->russian->tags[work->readings[place].tag].features & (NAME | ABBREVIATION));
        for (size_t own = 0; counts && own < lemmas->count; own++)
            lemmas->common[own] |= (uint8_t)same_letters(&lemmas->items[own], &lemma);
    }
}

Status find_russian(void *state, const Text *text, Lemmas *lemmas)
{
    Work *work = state;
    Letters form;
    lemmas->count = 0;
    if (!read_word(text, &form))
        return FINE;
    work->outcome = ANSWERED;
    work->steps = work->reading_count = 0;
    find_lemmas(work, &form, lemmas);
    if (!work->outcome)
        set_common(work, &form, lemmas);
    if (work->outcome)
        lemmas->count = 0;
    return work->outcome & OUT_OF_MEMORY ? NO_MEMORY : FINE;
}

static PyObject *russian_lemmas(Russian *self, PyObject *words)
{
    Work work = {.russian = self};
    PyObject *lists = lists_of_lemmas(words, find_russian, &work);
    PyMem_RawFree(work.readings);
    PyMem_RawFree(work.values);
    return lists;
}

static PyMethodDef russian_methods[] = {
    {"lemmas", (PyCFunction)russian_lemmas, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject RussianType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.Russian",
    .tp_basicsize = sizeof(Russian),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = russian_new,
    .tp_dealloc = (destructor)russian_dealloc,
    .tp_methods = russian_methods,
};
