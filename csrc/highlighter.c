/* Highlighter: the snippets of a text. search/snippets/highlighter.py is the definition. */
#include "finder.h"

enum { SNIPPET_FIELDS = 5 };

/* -- passages */

/* Turn marks into offsets in the folded passage. */
static void fold_marks(const ShownText *text, const Passage *passage, Places *marks)
{
    Py_ssize_t cut = 0, folded = 0; /* characters cut before the word at hand; the length of what is folded before `place` */
    size_t which = 0;
    int in_word = 0;
    for (Py_ssize_t place = passage->start; place < passage->end; place++) {
        int blank = is_blank(at(text, place));
        if (!blank && !in_word)
            cut = place - passage->start - (folded += folded > 0);
        in_word = !blank;
        folded += !blank;
        while (which < marks->count && marks->items[which].start <= place) {
            marks->items[which].start -= cut;
            marks->items[which++].end -= cut;
        }
    }
}

static PyObject *marks_to_tuple(const Places *marks, Py_ssize_t shift)
{
    PyObject *pairs = PyTuple_New((Py_ssize_t)marks->count);
    for (size_t which = 0; pairs && which < marks->count; which++) {
        PyObject *start = PyLong_FromSsize_t(marks->items[which].start + shift);
        PyObject *end = PyLong_FromSsize_t(marks->items[which].end + shift), *pair = NULL;
        if (start && end)
            pair = PyTuple_Pack(2, start, end);
        Py_XDECREF(start);
        Py_XDECREF(end);
        if (!pair)
            Py_CLEAR(pairs);
        else
            PyTuple_SET_ITEM(pairs, (Py_ssize_t)which, pair);
    }
    return pairs;
}

/* A text on its way to snippets. */
typedef struct {
    const ShownText *text;
    PyObject *in_text; /* a TextPlaces; None for a whole text that begins in line 1 and has no pages */
    Py_ssize_t counted, line; /* the lines up to a place */
} Shown;

/* (offset in the whole text, line, page) of a passage; `word` ascends. */
static PyObject *place_of(Shown *shown, Py_ssize_t start, Py_ssize_t word)
{
    if (shown->in_text != Py_None) {
        PyObject *place = PyObject_CallMethod(shown->in_text, "of", "Onn", shown->text->object, start, word);
        if (place && (!PyTuple_Check(place) || PyTuple_GET_SIZE(place) != 3)) {
            PyErr_SetString(PyExc_TypeError, "a place of a text has three parts");
            Py_CLEAR(place);
        }
        return place;
    }
    if (word < shown->counted)
        shown->counted = shown->line = 0;
    shown->line += count_lines(shown->text, shown->counted, word);
    shown->counted = word;
    return Py_BuildValue("nnO", start, 1 + shown->line, Py_None);
}

/* The snippet of a passage. marks: in the text, changed. */
static PyObject *snippet_of(const Highlighter *self, Shown *shown, const Passage *passage, Places *marks)
{
    const ShownText *text = shown->text;
    Py_ssize_t word = marks->count ? marks->items[0].start : passage->start;
    if (marks->count && marks->items[marks->count - 1].end > passage->end)
        marks->items[marks->count - 1].end = passage->end;
    if (folded_size(text, passage->start, passage->end) < passage->end - passage->start)
        fold_marks(text, passage, marks);
    PyObject *pairs = marks_to_tuple(marks, passage->head - passage->start), *snippet = NULL;
    PyObject *place = pairs ? place_of(shown, passage->start, word) : NULL;
    if (place) {
        PyObject *fields[] = {passage->text, pairs, PyTuple_GET_ITEM(place, 0), PyTuple_GET_ITEM(place, 1), PyTuple_GET_ITEM(place, 2)};
        snippet = make_record(self->maker, fields);
    }
    Py_XDECREF(place);
    Py_XDECREF(pairs);
    return snippet;
}

/* -- snippets */

/* A tuple of the snippets of a text; (start, whole) in a list without places; NotImplemented if only Python can tell. */
static PyObject *show(Highlighter *self, Shown *shown, const Found *found, Py_ssize_t start, int whole)
{
    const ShownText *text = shown->text;
    Language language = {self->rules, 0};
    const Place *places = found->places.items;
    size_t count = found->places.count;
    Passages picked = {0};
    Places marks = {0};
    for (; count && places->start < start; count--)
        places++;
    if (!count)
        return Py_BuildValue("[nO]", start, whole ? Py_True : Py_False);
    if (pick_passages(text, &language, &self->choice, places, count, start, whole, &picked) < 0)
        return NULL;
    PyObject *snippets = PyTuple_New((Py_ssize_t)picked.count);
    for (size_t which = 0; snippets && which < picked.count; which++) {
        int status = find_marks(self, text, &picked.items[which], found, places, &marks);
        if (!status) {
            Py_DECREF(snippets);
            snippets = Py_NewRef(Py_NotImplemented);
            break;
        }
        PyObject *snippet = status < 0 ? NULL : snippet_of(self, shown, &picked.items[which], &marks);
        if (!snippet)
            Py_CLEAR(snippets);
        else
            PyTuple_SET_ITEM(snippets, (Py_ssize_t)which, snippet);
    }
    free_passages(&picked);
    PyMem_RawFree(marks.items);
    return snippets;
}

/* The marks of a title; None if only Python can tell. */
static PyObject *marks_of_title(Highlighter *self, PyObject *string, Mask missing)
{
    ShownText title = text_of(string);
    Places marks = {0};
    int status = find_title_marks(self, &title, missing, &marks);
    PyObject *pairs = status < 0 ? NULL : status ? marks_to_tuple(&marks, 0) : Py_NewRef(Py_None);
    PyMem_RawFree(marks.items);
    return pairs;
}

/* snippets(text, title, absent_words, absent_stand_ins, in_text) */
static PyObject *highlighter_snippets(Highlighter *self, PyObject *args)
{
    PyObject *string, *title, *absent_words, *absent_stand_ins, *in_text, *answer = NULL;
    Py_ssize_t start;
    int whole;
    Mask words, stand_ins;
    if (!PyArg_ParseTuple(args, "UUOOO", &string, &title, &absent_words, &absent_stand_ins, &in_text)
        || take_mask(absent_words, &words) < 0 || take_mask(absent_stand_ins, &stand_ins) < 0)
        return NULL;
    ShownText text = text_of(string);
    Shown shown = {&text, in_text, 0, 0};
    Found found = {0};
    int status = find_places(self, &text, words, stand_ins, &found);
    if (status > 0 && behind_title(&text, title, &start, &whole) < 0)
        status = -1;
    PyObject *snippets = status < 0 ? NULL : status ? show(self, &shown, &found, start, whole) : Py_NewRef(Py_NotImplemented);
    PyObject *missing = snippets ? mask_to_int(found.missing) : NULL;
    PyObject *marks = missing && snippets != Py_NotImplemented ? marks_of_title(self, title, found.missing) : NULL;
    if (missing && snippets == Py_NotImplemented)
        answer = Py_NewRef(Py_None);
    else if (marks)
        answer = PyTuple_Pack(3, missing, snippets, marks);
    PyMem_RawFree(found.places.items);
    Py_XDECREF(snippets);
    Py_XDECREF(marks);
    Py_XDECREF(missing);
    return answer;
}

/* -- the object */

static int take_words(Highlighter *self, PyObject *words)
{
    self->asked_count = (size_t)PyTuple_GET_SIZE(words);
    self->asked = PyMem_Calloc(self->asked_count + 1, sizeof(Asked));
    self->stand_ins = PyMem_Calloc(self->asked_count + 1, sizeof(StandIn));
    if (!self->asked || !self->stand_ins) {
        self->asked_count = 0;
        PyErr_NoMemory();
        return -1;
    }
    if (self->scan.word_form)
        return take_words_of_collection(self, words);
    for (size_t answer = 0; answer < self->asked_count; answer++) {
        PyObject *quick, *thorough, *word = PyTuple_GET_ITEM(words, (Py_ssize_t)answer);
        Asked *asked = &self->asked[answer];
        Py_ssize_t count;
        if (!PyTuple_Check(word) || !PyArg_ParseTuple(word, "nOO", &count, &quick, &thorough)) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_TypeError, "a word is a tuple");
            return -1;
        }
        asked->count = (size_t)count;
        asked->thorough = begin_group(&self->scan);
        if (add_needles(&self->scan, thorough) < 0)
            return -1;
        asked->thorough_end = asked->quick_end = self->scan.count;
        asked->quick = asked->thorough;
        int equal = PyObject_RichCompareBool(quick, thorough, Py_EQ);
        if (equal < 0)
            return -1;
        if (!equal) {
            asked->quick = begin_group(&self->scan);
            if (add_needles(&self->scan, quick) < 0)
                return -1;
            asked->quick_end = self->scan.count;
        }
    }
    return 0;
}

static int take_phrases(Highlighter *self, PyObject *phrases)
{
    size_t parts = 0;
    self->phrases = PyMem_Calloc((size_t)PyTuple_GET_SIZE(phrases) + 1, sizeof(Phrase));
    if (!self->phrases) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t number = 0; number < PyTuple_GET_SIZE(phrases); number++) {
        PyObject *forms, *needles, *given = PyTuple_GET_ITEM(phrases, number);
        Phrase *phrase = &self->phrases[number];
        Py_ssize_t anchor;
        if (self->scan.word_form) {
            if (take_phrase_of_collection(self, given, parts, phrase) < 0)
                return -1;
            parts += phrase->count;
            self->phrase_count++;
            continue;
        }
        if (!PyTuple_Check(given) || !PyArg_ParseTuple(given, "O!nO", &PyTuple_Type, &forms, &anchor, &needles)) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_TypeError, "a phrase is a tuple");
            return -1;
        }
        int fits = anchor >= 0 && anchor < PyTuple_GET_SIZE(forms);
        for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(forms); place++)
            fits &= PyFrozenSet_Check(PyTuple_GET_ITEM(forms, place));
        if (!fits) {
            PyErr_SetString(PyExc_ValueError, "a phrase has frozensets of forms, and an anchor among them");
            return -1;
        }
        phrase->forms = Py_NewRef(forms);
        phrase->count = (size_t)PyTuple_GET_SIZE(forms);
        phrase->anchor = (size_t)anchor;
        self->phrase_count++;
        phrase->needle = begin_group(&self->scan);
        if (add_needles(&self->scan, needles) < 0)
            return -1;
        phrase->needle_end = self->scan.count;
    }
    return 0;
}

static int take_weights(Choice *choice, PyObject *weights)
{
    choice->answers = (size_t)PyTuple_GET_SIZE(weights);
    for (size_t answer = 0; answer < choice->answers; answer++)
        choice->weights[answer] = PyFloat_AsDouble(PyTuple_GET_ITEM(weights, (Py_ssize_t)answer));
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *highlighter_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *words, *matcher, *with_stand_ins, *stand_in, *marks, *match_word, *rules, *maker;
    PyObject *weights, *may_hide, *phrases, *phrase_at;
    Py_ssize_t max_chars, most;
    double side_by_side;
    (void)keywords;
    if (!PyArg_ParseTuple(args, "(O!O!OOOO)(OOOO!O!)(O!dnn)", &PyTuple_Type, &words, &PyTuple_Type, &phrases, &matcher, &phrase_at,
                          &with_stand_ins, &stand_in, &marks, &match_word, &may_hide, &SentenceRulesType, &rules, &RecordMakerType, &maker, &PyTuple_Type, &weights, &side_by_side, &max_chars, &most))
        return NULL;
    if (PyTuple_GET_SIZE(weights) > MOST_ANSWERS || PyTuple_GET_SIZE(words) + PyTuple_GET_SIZE(phrases) != PyTuple_GET_SIZE(weights) || most < 1
        || max_chars < 3) {
        PyErr_SetString(PyExc_ValueError, "too many words, or no room for a snippet");
        return NULL;
    }
    if (((RecordMaker *)maker)->count != SNIPPET_FIELDS) {
        PyErr_SetString(PyExc_TypeError, "not a maker of snippets");
        return NULL;
    }
    Highlighter *self = (Highlighter *)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    self->phrase_at = Py_NewRef(phrase_at);
    self->stand_in = Py_NewRef(stand_in);
    self->marks = Py_NewRef(marks);
    self->match_word = Py_NewRef(match_word);
    self->may_hide = Py_NewRef(may_hide);
    self->rules = (SentenceRules *)Py_NewRef(rules);
    self->maker = (RecordMaker *)Py_NewRef(maker);
    self->choice.side_by_side = side_by_side;
    self->choice.max_chars = max_chars;
    self->choice.most = (size_t)most;
    if (take_mask(with_stand_ins, &self->with_stand_ins) < 0 || take_matcher(&self->scan, matcher) < 0
        || take_words(self, words) < 0 || take_phrases(self, phrases) < 0 || take_weights(&self->choice, weights) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void highlighter_dealloc(Highlighter *self)
{
    clear_scan(&self->scan);
    for (size_t answer = 0; answer < self->asked_count; answer++)
        clear_scan(&self->stand_ins[answer].scan);
    for (size_t number = 0; number < self->phrase_count; number++)
        Py_XDECREF(self->phrases[number].forms);
    PyMem_Free(self->phrases);
    PyMem_Free(self->asked);
    PyMem_Free(self->stand_ins);
    Py_XDECREF(self->words);
    Py_XDECREF(self->phrase_at);
    Py_XDECREF(self->stand_in);
    Py_XDECREF(self->marks);
    Py_XDECREF(self->match_word);
    Py_XDECREF(self->may_hide);
    Py_XDECREF(self->rules);
    Py_XDECREF(self->maker);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyMethodDef highlighter_methods[] = {
    {"snippets", (PyCFunction)highlighter_snippets, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject HighlighterType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.Highlighter",
    .tp_basicsize = sizeof(Highlighter),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = highlighter_new,
    .tp_dealloc = (destructor)highlighter_dealloc,
    .tp_methods = highlighter_methods,
};
