/* The strings that are looked for, and what the words are that they find. search/snippets/token_match.py is the definition. */
#include "finder.h"

enum { LONGEST_RUN = 255, MOST_RUNS = 30 };

void clear_scan(Scan *scan)
{
    for (size_t which = 0; which < scan->count; which++)
        PyMem_Free(scan->needles[which].letters);
    PyMem_RawFree(scan->needles);
    Py_CLEAR(scan->known);
    Py_CLEAR(scan->find);
    Py_CLEAR(scan->answers);
    Py_CLEAR(scan->in_phrases);
    Py_CLEAR(scan->word_form);
    Py_CLEAR(scan->in_headline);
    free_answers(&scan->table);
    scan->needles = NULL;
    scan->count = scan->room = scan->group = 0;
    scan->has_others = 0;
}

static void clear_buckets(Scan *scan)
{
    memset(scan->pairs, -1, sizeof scan->pairs);
    memset(scan->singles, -1, sizeof scan->singles);
}

void share_functions(Scan *scan, const Scan *other)
{
    clear_buckets(scan);
    scan->word_form = Py_NewRef(other->word_form);
    scan->in_headline = Py_NewRef(other->in_headline);
}

int take_matcher(Scan *scan, PyObject *matcher)
{
    PyObject *known, *find, *answers, *in_phrases;
    clear_buckets(scan);
    if (PyTuple_Check(matcher) && PyTuple_GET_SIZE(matcher) == 2) {
        scan->word_form = Py_NewRef(PyTuple_GET_ITEM(matcher, 0));
        scan->in_headline = Py_NewRef(PyTuple_GET_ITEM(matcher, 1));
        return 0;
    }
    if (!PyTuple_Check(matcher) || !PyArg_ParseTuple(matcher, "O!OOO", &PyDict_Type, &known, &find, &answers, &in_phrases)
        || !PyCallable_Check(find) || !(answers == Py_None || PyDict_Check(answers)) || !PyAnySet_Check(in_phrases)) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "a matcher has a dict of known words, a function, a dict of forms or None, and a set");
        return -1;
    }
    scan->known = Py_NewRef(known);
    scan->find = Py_NewRef(find);
    scan->answers = answers == Py_None ? NULL : Py_NewRef(answers);
    scan->in_phrases = Py_NewRef(in_phrases);
    return 0;
}

size_t begin_group(Scan *scan) { return scan->group = scan->count; }

/* The letters of the needle go to the scan, or are freed. */
static int keep_needle(Scan *scan, Needle needle)
{
    Needle *needles = scan->count < INT16_MAX ? with_room(scan->needles, &scan->room, scan->count, sizeof(Needle)) : NULL;
    if (!needles) {
        PyMem_Free(needle.letters);
        PyErr_NoMemory();
        return -1;
    }
    scan->needles = needles;
    /* Before the others of its bucket: which comes first does not matter, for at one place they find one word. */
    const Py_UCS4 *word = needle.letters + needle.lead;
    int16_t *bucket = needle.length - needle.lead > 1 ? &scan->pairs[pair_of(word[0], word[1])] : &scan->singles[word[0] & 255];
    needle.next = *bucket;
    needle.group = scan->group;
    scan->has_others |= !is_latin(word[0]) && !is_russian(word[0]);
    scan->needles[scan->count] = needle;
    *bucket = (int16_t)scan->count++;
    return 0;
}

int put_needle(Scan *scan, const Py_UCS2 *letters, size_t length, Py_UCS4 lead, size_t whole)
{
    size_t before = lead != 0;
    Needle needle = {.length = (Py_ssize_t)(length + before), .lead = (Py_ssize_t)before, .whole = (Py_ssize_t)whole};
    needle.letters = PyMem_Calloc(length + before, sizeof(Py_UCS4));
    if (!needle.letters) {
        PyErr_NoMemory();
        return -1;
    }
    needle.letters[0] = lead;
    for (size_t place = 0; place < length; place++)
        needle.letters[place + before] = letters[place];
    return keep_needle(scan, needle);
}

int add_needles(Scan *scan, PyObject *needles)
{
    PyObject *each = PySequence_Fast(needles, "needles must be a sequence");
    if (!each)
        return -1;
    for (Py_ssize_t which = 0; which < PySequence_Fast_GET_SIZE(each); which++) {
        PyObject *string, *given = PySequence_Fast_GET_ITEM(each, which);
        Needle needle = {.next = -1};
        if (!PyTuple_Check(given) || !PyArg_ParseTuple(given, "Unn", &string, &needle.lead, &needle.whole)) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_TypeError, "a needle is a tuple");
            goto wrong;
        }
        needle.length = PyUnicode_GET_LENGTH(string);
        if (needle.lead < 0 || needle.lead > 1 || needle.length <= needle.lead || needle.length > CHUNK || needle.whole < 0
            || needle.whole > needle.length) {
            PyErr_SetString(PyExc_ValueError, "a needle that cannot be found");
            goto wrong;
        }
        needle.letters = PyUnicode_AsUCS4Copy(string);
        if (!needle.letters || keep_needle(scan, needle) < 0)
            goto wrong;
    }
    Py_DECREF(each);
    return 0;
wrong:
    Py_DECREF(each);
    return -1;
}

/* -- words of a text */

int is_mark(Py_UCS4 c)
{
    return (c >= 0x300 && c <= 0x36f) || (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) || c == 0xad
           || (c >= 0x200b && c <= 0x200d) || c == 0x2060 || c == 0xfeff;
}

int is_word_at(const ShownText *text, Py_ssize_t place)
{
    return place < text->size && is_word_character(at(text, place));
}

int is_net(const ShownText *text, Py_ssize_t place)
{
    static const char name[] = "net";
    if (place + 3 >= text->size || is_word_at(text, place + 4))
        return 0;
    for (int letter = 0; letter < 3; letter++)
        if ((at(text, place + 1 + letter) | 32) != (Py_UCS4)name[letter])
            return 0;
    Py_UCS4 before = place ? at(text, place - 1) : ' ';
    return before != '.' && before != '_' && !is_word_character(before);
}

/* -- matches */

int add_spans(PyObject *pairs, Places *places)
{
    PyObject *each = PySequence_Fast(pairs, "places must be a sequence");
    int status = each ? 0 : -1;
    for (Py_ssize_t which = 0; !status && which < PySequence_Fast_GET_SIZE(each); which++) {
        Place place = {0};
        PyObject *pair = PySequence_Fast_GET_ITEM(each, which);
        status = PyTuple_Check(pair) && PyArg_ParseTuple(pair, "nn", &place.start, &place.end) ? add_place(places, place) : -1;
    }
    if (status && !PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "a place is a pair");
    Py_XDECREF(each);
    return status;
}

int add_place(Places *places, Place place)
{
    Place *items = with_room(places->items, &places->room, places->count, sizeof(Place));
    if (!items) {
        PyErr_NoMemory();
        return -1;
    }
    places->items = items;
    places->items[places->count++] = place;
    return 0;
}

Py_ssize_t end_of_word(const ShownText *text, Py_ssize_t begin, PyObject *match_word)
{
    Py_ssize_t end = begin, run = begin;
    for (int runs = 0; runs < MOST_RUNS; runs++) {
        while (is_word_at(text, end) && end - run < LONGEST_RUN)
            end++;
        if (end == run || end - run == LONGEST_RUN || end >= text->size || !is_apostrophe(at(text, end)) || !is_word_at(text, end + 1))
            break;
        run = ++end;
    }
    if (end > run && end - run < LONGEST_RUN) {
        Py_UCS4 c = end < text->size ? at(text, end) : ' ';
        int goes_on = is_apostrophe(c) ? is_word_at(text, end + 1)
                      : c == '+'       ? end + 1 < text->size && at(text, end + 1) == '+'
                                       : c == '#' || is_mark(c);
        if (!goes_on)
            return end;
    }
    PyObject *match = PyObject_CallFunction(match_word, "On", text->object, begin);
    if (!match || match == Py_None) {
        Py_XDECREF(match);
        return match ? -1 : -2;
    }
    PyObject *behind = PyObject_CallMethod(match, "end", NULL);
    Py_DECREF(match);
    end = behind ? PyLong_AsSsize_t(behind) : -1;
    Py_XDECREF(behind);
    return end < begin || end > text->size ? -2 : end;
}

int add_matches(const ShownText *text, const Scan *scan, const Candidates *candidates, size_t from, size_t to, int answer,
                size_t most, PyObject *match_word, Places *matches)
{
    for (int which = from < to ? candidates->first[from] : -1; which >= 0; which = candidates->items[which].next) {
        Place match = {.start = candidates->items[which].begin};
        match.end = end_of_word(text, match.start, match_word);
        int is_form = match.end < 0 ? (int)match.end + 1 : mask_at(text, scan, match.start, match.end, &match.mask);
        if (is_form < 0)
            return -1;
        if (!is_form)
            continue;
        if (add_place(matches, match) < 0)
            return -1;
        if (most && (answer < 0 || holds(match.mask, (size_t)answer)) && !--most)
            return 0;
    }
    return 0;
}
