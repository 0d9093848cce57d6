/* The module naidi._core. */
#include "indexing.h"
#include "lexicon.h"

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "naidi._core", .m_size = 0};

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

PyMODINIT_FUNC PyInit__core(void)
{
    if (PyType_Ready(&SegmentType) < 0 || PyType_Ready(&LexiconType) < 0 || PyType_Ready(&DerivationType) < 0
        || PyType_Ready(&CorrespondencesType) < 0 || PyType_Ready(&SkeletonsType) < 0
         || PyType_Ready(&CollectionType) < 0 || PyType_Ready(&WordType) < 0
        || PyType_Ready(&NumberingType) < 0)
        return NULL;
    PyObject *module = PyModule_Create(&definition);
    PyObject *names = section_names();
    if (!module || !names || PyModule_AddObjectRef(module, "SECTIONS", names) < 0
        || PyModule_AddObjectRef(module, "Segment", (PyObject *)&SegmentType) < 0
        || PyModule_AddObjectRef(module, "Lexicon", (PyObject *)&LexiconType) < 0
        || PyModule_AddObjectRef(module, "Derivation", (PyObject *)&DerivationType) < 0
        || PyModule_AddObjectRef(module, "Correspondences", (PyObject *)&CorrespondencesType) < 0
        || PyModule_AddObjectRef(module, "Skeletons", (PyObject *)&SkeletonsType) < 0
        || PyModule_AddObjectRef(module, "Collection", (PyObject *)&CollectionType) < 0
        || PyModule_AddObjectRef(module, "Word", (PyObject *)&WordType) < 0
        || PyModule_AddObjectRef(module, "Numbering", (PyObject *)&NumberingType) < 0)
        Py_CLEAR(module);
    Py_XDECREF(names);
    return module;
}
