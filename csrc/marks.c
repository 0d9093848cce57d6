/* Which words of a passage, and of a title, are marked. search/snippets/highlighter.py and finder.py are the definition. */
#include "finder.h"

/* -- spellings that needles do not find */

static int is_cyrillic(Py_UCS4 c) { return c - 0x400 < 0x100u; }
static int is_joint(Py_UCS4 c) { return is_apostrophe(c) || c - '0' < 10u; }

static int ask_may_hide(Highlighter *self, const ShownText *text, Py_ssize_t from, Py_ssize_t to)
{
    PyObject *piece = PyUnicode_Substring(text->object, from, to), *answer = NULL;
    if (piece)
        answer = PyObject_CallFunction(self->may_hide, "O", piece);
    int may = answer ? PyObject_IsTrue(answer) : -1;
    Py_XDECREF(piece);
    Py_XDECREF(answer);
    return may;
}

int may_hide_words(Highlighter *self, const ShownText *text, Py_ssize_t from, Py_ssize_t to)
{
    int latin = 0, cyrillic = 0;
    for (Py_ssize_t place = from; place < to; place++) {
        Py_UCS4 c = at(text, place);
        latin |= is_latin(c) && c < 128;
        cyrillic |= is_cyrillic(c);
        /* Below U+0100 a soft hyphen, µ, ß; of General Punctuation the invisible ones. */
        if (c == 0xad || c == 0xb5 || c == 0xdf || (c >= 0x100 && !is_cyrillic(c) && !(c >= 0x2010 && c <= 0x205e)))
            return ask_may_hide(self, text, from, to);
    }
    if (!latin || !cyrillic)
        return 0;
    for (Py_ssize_t place = from; place < to; place++) {
        Py_UCS4 c = at(text, place);
        if (c >= 128 || !is_latin(c))
            continue;
        Py_UCS4 before = place > from ? at(text, place - 1) : ' ';
        Py_ssize_t behind = place + 1;
        while (behind < to && is_joint(at(text, behind)))
            behind++;
        if (is_cyrillic(before) || is_joint(before) || (behind < to && is_cyrillic(at(text, behind))))
            return 1;
    }
    return 0;
}

/* -- marks */

static int add_given_marks(Highlighter *self, const ShownText *text, const Passage *passage, Mask missing, Places *marks)
{
    PyObject *number = mask_to_int(missing), *given = NULL;
    if (number)
        given = PyObject_CallFunction(self->marks, "OnnO", text->object, passage->start, passage->end, number);
    int status = given ? add_spans(given, marks) : -1;
    Py_XDECREF(number);
    Py_XDECREF(given);
    return status;
}

/* The places of the words that may have more of them than were looked for. 0: only Python can tell. */
static int add_more_marks(Highlighter *self, const ShownText *text, const Passage *passage, Mask unsure, Places *marks)
{
    Candidates candidates = {0};
    Places matches = {0};
    int status = find_candidates(text, &self->scan, passage->start, passage->end - passage->start, &candidates);
    for (size_t answer = 0; answer < self->asked_count && status >= 0; answer++)
        if (holds(unsure, answer))
            status = add_matches(text, &self->scan, &candidates, self->asked[answer].thorough,
                                 self->asked[answer].thorough_end, 0, 0, self->match_word, &matches);
    for (size_t which = 0; which < matches.count && status >= 0; which++)
        if (!is_empty(matches.items[which].mask))
            status = add_place(marks, matches.items[which]);
    put_in_order(marks);
    if (status >= 0)
        status = !candidates.is_odd;
    free_candidates(&candidates);
    PyMem_RawFree(matches.items);
    return status;
}

/* Add what the stand-ins of a word have in [start, end). 1: all; 0: only Python can tell. */
static int add_stand_in_marks(Highlighter *self, const ShownText *text, Py_ssize_t start, Py_ssize_t end, size_t answer,
                              Places *marks)
{
    StandIn *stand_in = stand_in_of(self, answer);
    Candidates candidates = {0};
    if (!stand_in)
        return PyErr_Occurred() ? -1 : 1;
    int status = find_candidates(text, &stand_in->scan, start, end - start, &candidates);
    if (status >= 0)
        status = add_matches(text, &stand_in->scan, &candidates, 0, stand_in->scan.count, 0, 0, self->match_word, marks);
    if (status >= 0)
        status = !candidates.is_odd;
    free_candidates(&candidates);
    return status;
}

/* Add the words of phrases in a title. 1: all; 0: only Python can tell. */
static int add_phrase_marks(Highlighter *self, const ShownText *title, const Candidates *candidates, Places *marks)
{
    size_t room[MOST_ANSWERS];
    for (size_t answer = 0; answer < MOST_ANSWERS; answer++)
        room[answer] = SIZE_MAX;
    int status = add_phrases(title, self, candidates, room, 0, marks);
    return status < 0 ? -1 : !status;
}

static void drop_without_answer(Places *marks)
{
    size_t kept = 0;
    for (size_t which = 0; which < marks->count; which++)
        if (!is_empty(marks->items[which].mask))
            marks->items[kept++] = marks->items[which];
    marks->count = kept;
}

/* All marks in [start, end), as Finder.marks gives them, in a stretch that hides no word. Phrases are looked for only in a whole title.
   0: only Python can tell. */
static int find_all_marks(Highlighter *self, const ShownText *text, Py_ssize_t start, Py_ssize_t end, Mask missing, Places *marks)
{
    Candidates candidates = {0};
    int status = find_candidates(text, &self->scan, start, end - start, &candidates);
    for (size_t answer = 0; answer < self->asked_count && status >= 0; answer++)
        status = add_matches(text, &self->scan, &candidates, self->asked[answer].thorough, self->asked[answer].thorough_end, 0, 0,
                             self->match_word, marks);
    drop_without_answer(marks);
    for (size_t which = 0; which < marks->count; which++)
        missing = but(missing, marks->items[which].mask);
    if (status >= 0)
        status = candidates.is_odd ? 0 : self->phrase_count ? add_phrase_marks(self, text, &candidates, marks) : 1;
    free_candidates(&candidates);
    for (size_t answer = 0; answer < self->asked_count && status > 0; answer++)
        if (holds(missing, answer))
            status = add_stand_in_marks(self, text, start, end, answer, marks);
    put_in_order(marks);
    return status;
}

int find_title_marks(Highlighter *self, const ShownText *title, Mask missing, Places *marks)
{
    int may_hide = may_hide_words(self, title, 0, title->size);
    return may_hide ? (may_hide < 0 ? -1 : 0) : find_all_marks(self, title, 0, title->size, missing, marks);
}

int find_marks(Highlighter *self, const ShownText *text, const Passage *passage, const Found *found, const Place *places,
               Places *marks)
{
    int may_hide = may_hide_words(self, text, passage->start, passage->end);
    marks->count = 0;
    if (may_hide < 0)
        return -1;
    if (may_hide || (found->is_any_unsure && self->phrase_count))
        return add_given_marks(self, text, passage, found->missing, marks) < 0 ? -1 : 1;
    if (found->is_any_unsure)
        return find_all_marks(self, text, passage->start, passage->end, found->missing, marks);
    for (size_t which = passage->first; which <= passage->last; which++)
        if (add_place(marks, places[which]) < 0)
            return -1;
    return is_empty(found->unsure) ? 1 : add_more_marks(self, text, passage, found->unsure, marks);
}
