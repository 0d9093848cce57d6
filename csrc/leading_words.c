/* May a plain word be more than itself: a name, its beginning, or a name of the other alphabet? `WordBridges.leads_alone` is the
   definition. Few words may; the rest are told here. */
#include "names.h"
#include "plain.h"

/* Whether it is known of all keys which names begin with them; -1: an exception is set. */
static int are_prepared(const PlainQueries *queries, PyObject *keys)
{
    int are = 1;
    for (Py_ssize_t number = 0; are > 0 && queries->prepared != Py_None && number < PyTuple_GET_SIZE(keys); number++) {
        PyObject *first = PyUnicode_Substring(PyTuple_GET_ITEM(keys, number), 0, queries->first_letters);
        are = first ? PySet_Contains(queries->prepared, first) : -1;
        Py_XDECREF(first);
    }
    return are;
}

/* Whether one of the keys begins a name that is known; -1: an exception is set. */
static int begin_any(const PlainQueries *queries, PyObject *keys)
{
    int any = 0;
    for (Py_ssize_t number = 0; !any && number < PyTuple_GET_SIZE(keys); number++)
        for (Py_ssize_t table = 0; !any && table < PyTuple_GET_SIZE(queries->begins); table++)
            any = PyDict_Contains(PyTuple_GET_ITEM(queries->begins, table), PyTuple_GET_ITEM(keys, number));
    return any;
}

/* Asks the owner for the tables of names of the other alphabet. */
static int need_names(PlainQueries *queries, PyObject *owner)
{
    PyObject *skeletons, *correspondences, *given = PyObject_CallMethod(owner, "name_tables", NULL);
    int fits = given && PyTuple_Check(given)
        && PyArg_ParseTuple(given, "O!O!nnnd", &SkeletonsType, &skeletons, &CorrespondencesType, &correspondences, &queries->shortest_name,
                            &queries->longest_name, &queries->most_spellings, &queries->least_name);
    if (fits && !queries->skeletons) { /* no other thread was quicker */
        Py_INCREF(correspondences);
        queries->correspondences = (Correspondences *)correspondences;
        Py_INCREF(skeletons);
        queries->skeletons = (Skeletons *)skeletons;
    }
    if (!fits && !PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "tables of names are a tuple");
    Py_XDECREF(given);
    return fits ? 0 : -1;
}

/* A table may tell of a key the second forms of the names that begin with it, as dict[str, list[str]]: see `LearntTable.begins`. "" stands
   for a name of one word. Of other tables only Python knows more. */

/* Whether no name of a list goes on with a word that has these keys; NULL: whether none is one word. 0 if only Python can tell. */
static int fits_none(const PlainQueries *queries, PyObject *seconds, PyObject *keys)
{
    for (Py_ssize_t number = 0; number < PyList_GET_SIZE(seconds); number++) {
        PyObject *second = PyList_GET_ITEM(seconds, number);
        uint8_t form[2 * LONGEST_PLAIN_WORD + 1];
        if (!PyUnicode_Check(second))
            return 0;
        int is_one = !PyUnicode_GET_LENGTH(second);
        if (!keys && is_one)
            return 0;
        if (!keys || is_one)
            continue;
        Py_UCS4 first = PyUnicode_READ_CHAR(second, 0);
        size_t length = first >= 'a' && !(first >= 0x400 && first < 0x430) ? plain_form(second, form) : 0;
        if (!length || form_has_key(queries->collection->lexicon, form, length, keys))
            return 0; /* another word may be an abbreviation, of which only Python knows all keys */
    }
    return 1;
}

int begin_no_name(const PlainQueries *queries, PyObject *keys, PyObject *next)
{
    for (Py_ssize_t table = 0; table < PyTuple_GET_SIZE(queries->begins); table++)
        for (Py_ssize_t number = 0; number < PyTuple_GET_SIZE(keys); number++) {
            /* No error can come: keys are strings. */
            PyObject *names = PyDict_GetItem(PyTuple_GET_ITEM(queries->begins, table), PyTuple_GET_ITEM(keys, number)), *seconds;
            Py_ssize_t place = 0;
            if (!names)
                continue;
            if (!PyDict_Check(names))
                return 0;
            while (PyDict_Next(names, &place, NULL, &seconds))
                if (!PyList_Check(seconds) || !fits_none(queries, seconds, next))
                    return 0;
        }
    return 1;
}

/* A plain word as keys are written: in small letters, with е for ё. */
static PyObject *folded(PyObject *text)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    PyObject *made = PyUnicode_New(length, PyUnicode_IS_ASCII(text) ? 127 : 0xFFFF);
    for (Py_ssize_t place = 0; made && place < length; place++) {
        Py_UCS4 c = PyUnicode_READ_CHAR(text, place);
        if (c < 128 ? c - 'A' < 26u : c - 0x410 < 32u)
            c += 32;
        PyUnicode_WRITE(PyUnicode_KIND(made), PyUnicode_DATA(made), place, c == 0x401 || c == 0x451 ? 0x435 : c);
    }
    return made;
}

/* What is compared with names: the only key of a word, or of several those of its alphabet, and first the word itself. See `_spellings`. */
static PyObject *spellings_of(PyObject *text, PyObject *keys, Py_ssize_t most)
{
    PyObject *found[MOST_KEYS + 1], *tuple;
    Py_ssize_t count = 0;
    if (PyTuple_GET_SIZE(keys) == 1) {
        Py_INCREF(keys);
        return keys;
    }
    if (!(found[count++] = folded(text)))
        return NULL;
    for (Py_ssize_t number = 0; number < PyTuple_GET_SIZE(keys) && count < most; number++) {
        PyObject *key = PyTuple_GET_ITEM(keys, number);
        int taken = PyUnicode_IS_ASCII(key) == PyUnicode_IS_ASCII(text);
        for (Py_ssize_t place = 0; taken && place < count; place++)
            taken = PyUnicode_Compare(found[place], key) != 0;
        if (taken) {
            Py_INCREF(key);
            found[count++] = key;
        }
    }
    if ((tuple = PyTuple_New(count)))
        while (count) {
            count--;
            PyTuple_SET_ITEM(tuple, count, found[count]);
        }
    while (count)
        Py_DECREF(found[--count]);
    return tuple;
}

/* Whether a word that is no common one may be a name of the other alphabet, too; -1: an exception is set; 2: only Python can tell. */
static int may_be_name(PlainQueries *queries, PyObject *owner, PyObject *text, PyObject *keys)
{
    if (!queries->skeletons && need_names(queries, owner) < 0)
        return -1;
    Py_ssize_t letters = PyUnicode_GET_LENGTH(text);
    if (letters < queries->shortest_name || letters > queries->longest_name)
        return 0;
    PyObject *spellings = spellings_of(text, keys, queries->most_spellings);
    if (!spellings)
        return -1;
    int found = 0;
    for (Py_ssize_t number = 0; number < PyTuple_GET_SIZE(spellings) && !found; number++)
        found = PyUnicode_GET_LENGTH(PyTuple_GET_ITEM(spellings, number)) > queries->longest_name ? 2 : 0;
    if (!found)
        found = may_be_names(queries->skeletons, queries->correspondences, queries->collection->lexicon, spellings, !PyUnicode_IS_ASCII(text),
                             queries->least_name);
    Py_DECREF(spellings);
    return found;
}

static int ask_whether_it_leads(PyObject *owner, PyObject *text, const Known *known)
{
    PyObject *told = PyObject_CallMethod(owner, "leads_alone", "OOO", text, known->keys, known->is_common ? Py_True : Py_False);
    int leads = !told ? -1 : told == Py_None ? 2 : PyObject_IsTrue(told);
    Py_XDECREF(told);
    return leads;
}

int leads_alone(PlainQueries *queries, PyObject *owner, PyObject *text, const Known *known)
{
    int prepared = are_prepared(queries, known->keys), leads = prepared > 0 ? begin_any(queries, known->keys) : 0;
    if (prepared < 0 || leads < 0)
        return -1;
    if (!prepared || (leads && !begin_no_name(queries, known->keys, NULL)))
        return ask_whether_it_leads(owner, text, known);
    int no_name = known->is_common ? 1 : PySet_Contains(queries->function_words, text);
    int name = no_name < 0 ? -1 : no_name ? 0 : may_be_name(queries, owner, text, known->keys);
    if (name == 2)
        return ask_whether_it_leads(owner, text, known);
    return name == 1 ? 2 : name < 0 ? name : leads;
}
