/* The strings by which the forms of a word are looked for in texts. search/snippets/needles.py is the definition. */
#include "lexicon.h"

enum { BEGINNING = 4, LONGEST_BEGINNING = 32, SHORT = 2, MOST_FORMS = 100 };

/* A form that was read, and how many of its letters are a beginning; 0: it shares that of another form, or is looked for as a whole. */
typedef struct {
    PyObject *form; /* a string, in small letters */
    Py_ssize_t common;
} Beginning;

static int is_small(PyObject *form) /* whether `lower` changes nothing, as far as is known without a call */
{
    for (Py_ssize_t place = 0; place < PyUnicode_GET_LENGTH(form); place++) {
        Py_UCS4 c = PyUnicode_READ_CHAR(form, place);
        if (c < 128 ? c - 'A' < 26u : !(c - 0x430 < 32u || c == 0x451))
            return 0;
    }
    return 1;
}

static int is_end_of_name(PyObject *form) /* C++, C# */
{
    Py_UCS4 last = PyUnicode_READ_CHAR(form, PyUnicode_GET_LENGTH(form) - 1);
    return last == '+' || last == '#';
}

static Py_ssize_t in_common(PyObject *one, PyObject *other, Py_ssize_t most)
{
    Py_ssize_t place = 0;
    while (place < most && place < PyUnicode_GET_LENGTH(other)
           && PyUnicode_READ_CHAR(one, place) == PyUnicode_READ_CHAR(other, place))
        place++;
    return place;
}

/* Add (string, lead, whole) to a list. `string` is let go of. */
static int add_needle(PyObject *list, PyObject *string, int lead, Py_ssize_t whole)
{
    PyObject *needle = string ? Py_BuildValue("(Nin)", string, lead, whole) : NULL;
    int status = needle ? PyList_Append(list, needle) : -1;
    Py_XDECREF(needle);
    return status;
}

static int add_whole(PyObject *form, PyObject *quick, PyObject *thorough)
{
    Py_ssize_t size = PyUnicode_GET_LENGTH(form);
    if (add_needle(thorough, Py_NewRef(form), 0, size) < 0)
        return -1;
    if (size > SHORT)
        return add_needle(quick, Py_NewRef(form), 0, size);
    if (add_needle(quick, PyUnicode_FromFormat(" %U", form), 1, size) < 0)
        return -1;
    return add_needle(quick, PyUnicode_FromFormat("\n%U", form), 1, size);
}

/* (forms, beginnings and short forms, quick needles, all needles) of forms, each once. */
static PyObject *needles_of(PyObject *forms)
{
    Beginning beginnings[MOST_FORMS];
    Py_ssize_t count = PyTuple_GET_SIZE(forms), needles = 0;
    PyObject *quick = PyList_New(0), *thorough = PyList_New(0), *found = NULL;
    int failed = !quick || !thorough;
    for (Py_ssize_t place = 0; place < count; place++) {
        Beginning *own = &beginnings[place];
        own->form = PyTuple_GET_ITEM(forms, place);
        own->common = PyUnicode_GET_LENGTH(own->form);
        if (own->common <= BEGINNING) {
            own->common = 0;
            continue;
        }
        for (Py_ssize_t other = 0; other < place; other++)
            if (beginnings[other].common && in_common(own->form, beginnings[other].form, BEGINNING) == BEGINNING) {
                beginnings[other].common = in_common(beginnings[other].form, own->form, beginnings[other].common);
                own->common = 0;
                break;
            }
    }
    for (Py_ssize_t place = 0; place < count && !failed; place++) {
        Py_ssize_t size = beginnings[place].common < LONGEST_BEGINNING ? beginnings[place].common : LONGEST_BEGINNING;
        if (!size)
            continue;
        needles++;
        PyObject *beginning = PyUnicode_Substring(beginnings[place].form, 0, size);
        failed = !beginning || add_needle(quick, Py_NewRef(beginning), 0, 0) < 0 || add_needle(thorough, Py_NewRef(beginning), 0, 0) < 0;
        Py_XDECREF(beginning);
    }
    for (Py_ssize_t place = 0; place < count && !failed; place++)
        if (PyUnicode_GET_LENGTH(beginnings[place].form) <= BEGINNING) {
            needles++;
            failed = add_whole(beginnings[place].form, quick, thorough) < 0;
        }
    if (!failed)
        found = Py_BuildValue("(OnOO)", forms, needles, quick, thorough);
    Py_XDECREF(quick);
    Py_XDECREF(thorough);
    return found;
}

/* Put the forms of a word in a segment into a dict. 1: done; 0: they are left to Python; below 0: an exception. */
static int add_forms_of(const Segment *segment, const Part *part, PyObject *forms)
{
    for (size_t place = 0; place < part->form_count; place++) {
        const uint8_t *start;
        size_t length;
        if (string_at(segment, FORMS_BYTES, part->forms[place], &start, &length)) {
            raise_status(DAMAGED);
            return -1;
        }
        PyObject *form = PyUnicode_DecodeUTF8((const char *)start, (Py_ssize_t)length, NULL);
        if (!form && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
            PyErr_Clear();
            raise_status(DAMAGED);
        }
        if (!form)
            return -1;
        int status = !length || !is_small(form) || is_end_of_name(form) || PyDict_GET_SIZE(forms) == MOST_FORMS
                         ? 0
                         : PyDict_SetItem(forms, form, Py_None) < 0 ? -1 : 1;
        Py_DECREF(form);
        if (status <= 0)
            return status;
    }
    return 1;
}

/* needles(word: Word) */
PyObject *collection_needles(PyObject *self, PyObject *given)
{
    if (Py_TYPE(given) != &WordType || ((Word *)given)->collection != (Collection *)self || !((Word *)given)->keys) {
        PyErr_SetString(PyExc_TypeError, "not a word of this collection");
        return NULL;
    }
    const Word *word = (const Word *)given;
    PyObject *forms = PyDict_New(), *list, *each, *found = NULL;
    int status = forms ? 1 : -1;
    for (size_t number = 0; number < word->collection->segment_count && status > 0; number++)
        status = add_forms_of(word->collection->segments[number], &word->parts[number], forms);
    if (status > 0 && (list = PyDict_Keys(forms))) {
        each = PyList_AsTuple(list);
        Py_DECREF(list);
        if (each) {
            found = needles_of(each);
            Py_DECREF(each);
        }
    }
    Py_XDECREF(forms);
    return status ? found : Py_NewRef(Py_None);
}
