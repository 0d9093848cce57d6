/* What a word of a text answers. search/snippets/token_match.py is the definition. */
#include "finder.h"

enum { LONGEST_PLAIN = 64 };

static int is_small_russian(Py_UCS4 c) { return c - 0x430 < 32u || c == 0x451; }
static int is_small_latin(Py_UCS4 c) { return c - 'a' < 26u; }

/* The form of a word that is plain, as _PLAIN_WORD says; None for others. */
static PyObject *plain_form(const ShownText *text, Py_ssize_t begin, Py_ssize_t end)
{
    Py_UCS2 letters[LONGEST_PLAIN];
    Py_UCS4 first = at(text, begin);
    Py_ssize_t size = end - begin;
    if (size < 1 || size > LONGEST_PLAIN)
        Py_RETURN_NONE;
    if (first - 'A' < 26u || first - 0x410 < 32u)
        first += 32;
    else if (first == 0x401)
        first = 0x451;
    int latin = is_small_latin(first);
    if ((!latin && !is_small_russian(first)) || (size == 1 && first != at(text, begin)))
        Py_RETURN_NONE;
    letters[0] = (Py_UCS2)first;
    for (Py_ssize_t place = 1; place < size; place++) {
        Py_UCS4 c = at(text, begin + place);
        if (latin ? !is_small_latin(c) : !is_small_russian(c))
            Py_RETURN_NONE;
        letters[place] = (Py_UCS2)c;
    }
    return PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, letters, size);
}

/* Whether a plain word is a form of the query; then *mask is what it answers, an integer or NULL for nothing. Below 0: an exception. */
static int is_plain_form(const Scan *scan, PyObject *form, PyObject **mask)
{
    *mask = PyDict_GetItemWithError(scan->answers, form);
    if (*mask)
        return 1;
    return PyErr_Occurred() ? -1 : PySet_Contains(scan->in_phrases, form);
}

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
    PyObject *form = scan->answers ? plain_form(text, begin, end) : Py_NewRef(Py_None), *known = NULL, *mask;
    if (!form || form == Py_None) {
        Py_XDECREF(form);
        return form ? asked(text, scan, begin, end) : NULL;
    }
    int is_form = is_plain_form(scan, form, &mask);
    if (is_form >= 0)
        known = !is_form ? Py_NewRef(Py_None) : mask ? PyTuple_Pack(2, form, mask) : Py_BuildValue("(Oi)", form, 0);
    Py_DECREF(form);
    return known;
}

int mask_at(const ShownText *text, const Scan *scan, Py_ssize_t begin, Py_ssize_t end, Mask *mask)
{
    PyObject *form = scan->answers ? plain_form(text, begin, end) : Py_NewRef(Py_None), *number;
    int is_form;
    if (!form)
        return -1;
    *mask = (Mask){0, 0};
    if (form != Py_None) {
        is_form = is_plain_form(scan, form, &number);
        if (is_form > 0 && number && take_mask(number, mask) < 0)
            is_form = -1;
        Py_DECREF(form);
        return is_form;
    }
    Py_DECREF(form);
    PyObject *known = asked(text, scan, begin, end);
    is_form = known ? known != Py_None : -1;
    if (is_form > 0 && take_mask(PyTuple_GET_ITEM(known, 1), mask) < 0)
        is_form = -1;
    Py_XDECREF(known);
    return is_form;
}
