/* The module naidi._core. */
#include "english.h"
#include "finder.h"
#include "indexing.h"
#include "lexicon.h"
#include "lines.h"
#include "morphology.h"
#include "plain.h"
#include "records.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

/* Give memory that is free back to the system. glibc keeps it otherwise, in each thread's own pool. */
static PyObject *release_memory(PyObject *module, PyObject *ignored)
{
    (void)module;
    (void)ignored;
#ifdef __GLIBC__
    Py_BEGIN_ALLOW_THREADS
    malloc_trim(0);
    Py_END_ALLOW_THREADS
#endif
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"invert", core_invert, METH_VARARGS, NULL},
    {"lemma_lines", core_lemma_lines, METH_VARARGS, NULL},
    {"line_slots", core_line_slots, METH_VARARGS, NULL},
    {"merged_lines", core_merged_lines, METH_VARARGS, NULL},
    {"pack", core_pack, METH_VARARGS, NULL},
    {"unpack", core_unpack, METH_VARARGS, NULL},
    {"sorted_lines", core_sorted_lines, METH_VARARGS, NULL},
    {"table_line", core_table_line, METH_VARARGS, NULL},
    {"decoded", core_decoded, METH_O, NULL},
    {"release_memory", release_memory, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "naidi._core",
    .m_size = 0,
    .m_methods = functions,
};

static PyObject *section_names(void)
{
    PyObject *names = PyTuple_New(SECTION_COUNT);
    for (int name = 0; names && name < SECTION_COUNT; name++) {
        PyObject *text = PyUnicode_FromString(SECTION_NAMES[name]);
        if (!text)
            Py_CLEAR(names);
        else
            PyTuple_SET_ITEM(names, name, text);
    }
    return names;
}

static const struct {
    const char *name;
    PyTypeObject *type;
} types[] = {
    {"Numbers", &NumbersType},
    {"Segment", &SegmentType},
    {"Lexicon", &LexiconType},
    {"Derivation", &DerivationType},
    {"Correspondences", &CorrespondencesType},
    {"Skeletons", &SkeletonsType},
    {"Collection", &CollectionType},
    {"Word", &WordType},
    {"KnownWord", &KnownWordType},
    {"PlainQueries", &PlainQueriesType},
    {"SentenceRules", &SentenceRulesType},
    {"RecordMaker", &RecordMakerType},
    {"Highlighter", &HighlighterType},
    {"Numbering", &NumberingType},
    {"Russian", &RussianType},
    {"English", &EnglishType},
    {"CommonWords", &CommonWordsType},
    {"Words", &WordsType},
};

/* Makes the types of the module ready and adds them. Returns 0, or -1 with an exception. */
static int add_types(PyObject *module)
{
    for (size_t place = 0; place < sizeof types / sizeof *types; place++)
        if (PyType_Ready(types[place].type) < 0
            || PyModule_AddObjectRef(module, types[place].name, (PyObject *)types[place].type) < 0)
            return -1;
    return 0;
}

PyMODINIT_FUNC PyInit__core(void)
{
    PyObject *module = PyModule_Create(&definition);
    PyObject *names = section_names();
    if (!module || !names || PyModule_AddObjectRef(module, "SECTIONS", names) < 0 || add_types(module) < 0)
        Py_CLEAR(module);
    Py_XDECREF(names);
    return module;
}
