/* What a word of a text answers. search/snippets/token_match.py is the definition. */
#include "finder.h"

/* As in analysis/normalize.py. */
enum { SHORTEST_ABBREVIATION = 2, LONGEST_ABBREVIATION = 6, LONGEST_ENDING = 3 };

static void lower_letters(Py_UCS2 *letters, size_t length)
{
    for (size_t place = 0; place < length; place++) {
        Py_UCS4 c = letters[place];
        if (c - 'A' < 26u || c - 0x410 < 32u)
            letters[place] = (Py_UCS2)(c + 32);
        else if (c == 0x401)
            letters[place] = 0x451;
    }
}

/* The letters of the form of a word that is plain, as _PLAIN_WORD says; gives their number, 0 for other words. */
static size_t plain_letters(const ShownText *text, Py_ssize_t begin, Py_ssize_t end, Py_UCS2 *letters)
{
    Py_UCS4 first = at(text, begin);
    Py_ssize_t size = end - begin;
    if (size < 1 || size > LONGEST_PLAIN)
        return 0;
    if (first - 'A' < 26u || first - 0x410 < 32u)
        first += 32;
    else if (first == 0x401)
        first = 0x451;
    int latin = first - 'a' < 26u;
    if ((!latin && !is_small_russian(first)) || (size == 1 && first != at(text, begin)))
        return 0;
    letters[0] = (Py_UCS2)first;
    for (Py_ssize_t place = 1; place < size; place++) {
        Py_UCS4 c = at(text, begin + place);
        if (latin ? c - 'a' >= 26u : !is_small_russian(c))
            return 0;
        letters[place] = (Py_UCS2)c;
    }
    return (size_t)size;
}

/* -- a matcher of Python */

/* As known_of, for a word of which Python knows. */
static PyObject *asked(const ShownText *text, const Scan *scan, Py_ssize_t begin, Py_ssize_t end)
{
    PyObject *word = PyUnicode_Substring(text->object, begin, end);
    if (!word)
        return NULL;
    PyObject *known = Py_XNewRef(PyDict_GetItemWithError(scan->known, word));
    /* A negative number stands for a word that depends on its line. */
    if (known && PyTuple_Check(known) && PyTuple_GET_SIZE(known) == 2 && PyLong_Check(PyTuple_GET_ITEM(known, 1))
        && PyLong_AsLong(PyTuple_GET_ITEM(known, 1)) == -1)
        Py_CLEAR(known);
    PyErr_Clear(); /* a mask of many bits */
    if (!known)
        known = PyObject_CallFunction(scan->find, "OnO", text->object, begin, word);
    Py_DECREF(word);
    if (known && known != Py_None && (!PyTuple_Check(known) || PyTuple_GET_SIZE(known) != 2)) {
        PyErr_SetString(PyExc_TypeError, "what is known of a word is a tuple");
        Py_CLEAR(known);
    }
    return known;
}

PyObject *known_of(const ShownText *text, const Scan *scan, Py_ssize_t begin, Py_ssize_t end)
{
    Py_UCS2 letters[LONGEST_PLAIN];
    size_t length = scan->answers ? plain_letters(text, begin, end, letters) : 0;
    if (!length)
        return asked(text, scan, begin, end);
    PyObject *form = PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, letters, (Py_ssize_t)length), *known = NULL;
    if (!form)
        return NULL;
    PyObject *mask = PyDict_GetItemWithError(scan->answers, form);
    int is_form = mask ? 1 : PyErr_Occurred() ? -1 : PySet_Contains(scan->in_phrases, form);
    if (is_form >= 0)
        known = !is_form ? Py_NewRef(Py_None) : mask ? PyTuple_Pack(2, form, mask) : Py_BuildValue("(Oi)", form, 0);
    Py_DECREF(form);
    return known;
}

/* -- a table of forms */

/* The answer of a form, a string, which is let go of; NULL if it is none or with an exception. */
static const Answer *answer_of_string(const Scan *scan, PyObject *form)
{
    Py_UCS2 letters[LONGEST_PLAIN];
    const Answer *answer = NULL;
    if (form && !PyUnicode_Check(form))
        PyErr_SetString(PyExc_TypeError, "a form is a string");
    else if (form && PyUnicode_GET_LENGTH(form) <= LONGEST_PLAIN && PyUnicode_MAX_CHAR_VALUE(form) <= 0xffff) {
        Py_ssize_t length = PyUnicode_GET_LENGTH(form);
        for (Py_ssize_t place = 0; place < length; place++)
            letters[place] = (Py_UCS2)PyUnicode_READ_CHAR(form, place);
        answer = answer_of(&scan->table, letters, (size_t)length);
    }
    Py_XDECREF(form);
    return answer;
}

/* The letters of the form of a word of English or Russian letters, digits and apostrophes. Gives their number; 0 if only Python can tell.
   *is_upper: as str.isupper. */
static size_t simple_letters(const ShownText *text, Py_ssize_t begin, Py_ssize_t end, Py_UCS2 *letters, int *is_upper)
{
    int latin = 0, russian = 0, small = 0;
    Py_ssize_t capitals = 0, size = end - begin;
    if (size < 1 || size > LONGEST_PLAIN)
        return 0;
    for (Py_ssize_t place = 0; place < size; place++) {
        Py_UCS4 c = at(text, begin + place);
        int is_capital = c - 'A' < 26u || c - 0x410 < 32u || c == 0x401, is_lower = c - 'a' < 26u || is_small_russian(c);
        if (is_apostrophe(c))
            c = '\'';
        else if (!is_capital && !is_lower && c - '0' >= 10u)
            return 0;
        latin |= c < 128 && (is_capital | is_lower);
        russian |= c >= 128;
        small |= is_lower;
        capitals += is_capital && capitals == place;
        letters[place] = (Py_UCS2)c;
    }
    if (latin && russian)
        return 0; /* letters of one alphabet may stand for those of the other */
    *is_upper = (latin || russian) && !small;
    if (capitals < SHORTEST_ABBREVIATION || capitals > LONGEST_ABBREVIATION)
        lower_letters(letters, (size_t)size);
    else if (capitals < size) {
        if (size - capitals <= LONGEST_ENDING)
            return 0; /* an abbreviation with an ending, perhaps */
        lower_letters(letters, (size_t)size);
    }
    return (size_t)size;
}

static const Answer *if_in_headline(const ShownText *text, const Scan *scan, Py_ssize_t begin, const Answer *answer)
{
    PyObject *in_headline = PyObject_CallFunction(scan->in_headline, "On", text->object, begin);
    int holds_here = in_headline ? PyObject_IsTrue(in_headline) : -1;
    Py_XDECREF(in_headline);
    return holds_here > 0 ? answer : NULL;
}

/* In a headline in capitals, the index has «ВОЗ» as «воз». */
static const Answer *answer_in_headline(const ShownText *text, const Scan *scan, Py_ssize_t begin, PyObject *word)
{
    PyObject *upper = PyObject_CallMethod(word, "isupper", NULL);
    int holds_here = upper ? PyObject_IsTrue(upper) : -1;
    Py_XDECREF(upper);
    if (holds_here <= 0)
        return NULL;
    PyObject *lower = PyObject_CallMethod(word, "lower", NULL);
    PyObject *form = lower ? PyObject_CallFunctionObjArgs(scan->word_form, lower, NULL) : NULL;
    Py_XDECREF(lower);
    const Answer *answer = answer_of_string(scan, form);
    return answer ? if_in_headline(text, scan, begin, answer) : NULL;
}

static const Answer *answer_at(const ShownText *text, const Scan *scan, Py_ssize_t begin, Py_ssize_t end)
{
    Py_UCS2 letters[LONGEST_PLAIN];
    size_t length = plain_letters(text, begin, end, letters);
    if (length)
        return answer_of(&scan->table, letters, length);
    int is_upper;
    length = simple_letters(text, begin, end, letters, &is_upper);
    if (length) {
        const Answer *known = answer_of(&scan->table, letters, length);
        if (known || !is_upper)
            return known;
        lower_letters(letters, length);
        known = answer_of(&scan->table, letters, length);
        return known ? if_in_headline(text, scan, begin, known) : NULL;
    }
    PyObject *word = PyUnicode_Substring(text->object, begin, end);
    if (!word)
        return NULL;
    const Answer *answer = answer_of_string(scan, PyObject_CallFunctionObjArgs(scan->word_form, word, NULL));
    if (!answer && !PyErr_Occurred())
        answer = answer_in_headline(text, scan, begin, word);
    Py_DECREF(word);
    return answer;
}

int part_at(const ShownText *text, const Scan *scan, Py_ssize_t begin, Py_ssize_t end, size_t part)
{
    const Answer *answer = answer_at(text, scan, begin, end);
    return answer ? holds(answer->parts, part) : PyErr_Occurred() ? -1 : 0;
}

int mask_at(const ShownText *text, const Scan *scan, Py_ssize_t begin, Py_ssize_t end, Mask *mask)
{
    *mask = (Mask){0, 0};
    if (scan->word_form) {
        const Answer *answer = answer_at(text, scan, begin, end);
        if (answer)
            *mask = answer->mask;
        return answer ? 1 : PyErr_Occurred() ? -1 : 0;
    }
    PyObject *known = known_of(text, scan, begin, end);
    int is_form = known ? known != Py_None : -1;
    if (is_form > 0 && take_mask(PyTuple_GET_ITEM(known, 1), mask) < 0)
        is_form = -1;
    Py_XDECREF(known);
    return is_form;
}
