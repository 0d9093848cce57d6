/* Where the phrases of a query stand in a text. FormMatcher.phrase_at in search/snippets/token_match.py is the definition. */
#include "finder.h"

enum { WORD_REACH = 60, LONGEST_RUN = 250, ASK = 2 };

/* The word at [begin, end) is a form of a word of the phrase: 1 or 0; below 0 with an exception. */
static int is_one_of(const ShownText *text, const Scan *scan, Py_ssize_t begin, Py_ssize_t end, const Phrase *phrase, size_t place)
{
    if (!phrase->forms)
        return part_at(text, scan, begin, end, phrase->first_part + place);
    PyObject *forms = PyTuple_GET_ITEM(phrase->forms, (Py_ssize_t)place), *known = known_of(text, scan, begin, end);
    int is = !known ? -1 : known == Py_None ? 0 : PySet_Contains(forms, PyTuple_GET_ITEM(known, 0));
    Py_XDECREF(known);
    return is;
}

/* Whether a character between two words may belong to one of them. */
static int may_belong(Py_UCS4 c) { return is_apostrophe(c) || c == '+' || c == '#' || is_mark(c); }

/* The next word behind `end`, if it is a form of a word of the phrase: as above, or ASK. */
static int match_behind(const ShownText *text, const Highlighter *self, const Phrase *phrase, size_t place, Py_ssize_t end,
                        Place *word)
{
    for (; end < text->size && !is_word_at(text, end); end++)
        if (at(text, end) == '.' && is_net(text, end))
            return ASK;
    if (end == text->size)
        return 0;
    word->start = end;
    word->end = end_of_word(text, end, self->match_word);
    return word->end < 0 ? (int)word->end + 1 : is_one_of(text, &self->scan, word->start, word->end, phrase, place);
}

/* The word before `begin`, in the same way. */
static int match_before(const ShownText *text, const Highlighter *self, const Phrase *phrase, size_t place, Py_ssize_t begin,
                        Py_ssize_t floor, Place *word)
{
    for (; begin > floor && !is_word_at(text, begin - 1); begin--)
        if (may_belong(at(text, begin - 1)))
            return ASK;
    word->end = begin;
    while (begin > floor && is_word_at(text, begin - 1))
        begin--;
    if (!word->end)
        return 0; /* the text begins here */
    if ((floor && begin <= floor) || word->end - begin > LONGEST_RUN)
        return ASK;
    Py_UCS4 before = begin ? at(text, begin - 1) : ' ';
    if (may_belong(before) || before == '.')
        return ASK;
    word->start = begin;
    return is_one_of(text, &self->scan, begin, word->end, phrase, place);
}

static int ask_python(const ShownText *text, const Highlighter *self, size_t number, Place anchor, Places *words)
{
    PyObject *spans = PyObject_CallFunction(self->phrase_at, "Onnn", text->object, (Py_ssize_t)number, anchor.start, anchor.end);
    words->count = 0;
    if (!spans || spans == Py_None) {
        Py_XDECREF(spans);
        return spans ? 0 : -1;
    }
    int status = add_spans(spans, words);
    Py_DECREF(spans);
    return status < 0 ? -1 : 1;
}

/* Find the words of a phrase around its anchor: 1 and `words` in order, or 0; below 0 with an exception. Without `asks`: ASK if only Python
   can tell. */
static int match_phrase(const ShownText *text, const Highlighter *self, size_t number, Place anchor, int asks, Places *words)
{
    const Phrase *phrase = &self->phrases[number];
    Py_ssize_t floor = anchor.start - WORD_REACH * (Py_ssize_t)(phrase->anchor + 1);
    Place word = anchor;
    int is = 1;
    words->count = 0;
    word.mask = (Mask){0, 0};
    if (add_place(words, word) < 0)
        return -1;
    for (size_t place = phrase->anchor + 1; place < phrase->count && is == 1; place++) {
        is = match_behind(text, self, phrase, place, word.end, &word);
        if (is == 1 && add_place(words, word) < 0)
            return -1;
    }
    word = words->items[0];
    for (size_t place = phrase->anchor; place && is == 1; place--) {
        is = match_before(text, self, phrase, place - 1, word.start, floor > 0 ? floor : 0, &word);
        if (is == 1 && add_place(words, word) < 0)
            return -1;
    }
    if (is == ASK && asks)
        return ask_python(text, self, number, anchor, words);
    put_in_order(words);
    return is;
}

int add_phrases(const ShownText *text, Highlighter *self, const Candidates *candidates, size_t *room, int asks, Places *found)
{
    Places words = {0};
    int status = 0;
    for (size_t number = 0; number < self->phrase_count && status >= 0; number++) {
        const Phrase *phrase = &self->phrases[number];
        size_t answer = self->asked_count + number;
        int which = phrase->needle < phrase->needle_end ? candidates->first[phrase->needle] : -1;
        for (; which >= 0 && status >= 0 && room[answer]; which = candidates->items[which].next) {
            Place anchor = {.start = candidates->items[which].begin};
            anchor.end = end_of_word(text, anchor.start, self->match_word);
            status = anchor.end < 0 ? (int)anchor.end + 1
                                    : is_one_of(text, &self->scan, anchor.start, anchor.end, phrase, phrase->anchor);
            if (status > 0)
                status = match_phrase(text, self, number, anchor, asks, &words);
            if (status == ASK) {
                PyMem_RawFree(words.items);
                return 1;
            }
            if (status <= 0)
                continue;
            words.items[words.count - 1].mask = mask_of(answer);
            for (size_t place = 0; place < words.count && status >= 0; place++)
                status = add_place(found, words.items[place]);
            room[answer]--;
        }
    }
    PyMem_RawFree(words.items);
    return status < 0 ? -1 : 0;
}
