/* The module naidi._core. */
#include "core.h"
#include "indexing.h"

static PyMethodDef functions[] = {
    {"invert", core_invert, METH_VARARGS, NULL},
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

PyMODINIT_FUNC PyInit__core(void)
{
    if (PyType_Ready(&SegmentType) < 0 || PyType_Ready(&CollectionType) < 0 || PyType_Ready(&WordType) < 0
        || PyType_Ready(&NumberingType) < 0 || PyType_Ready(&DawgType) < 0
        || PyType_Ready(&CommonWordsType) < 0)
        return NULL;
    PyObject *module = PyModule_Create(&definition);
    PyObject *names = section_names();
    if (!module || !names || PyModule_AddObjectRef(module, "SECTIONS", names) < 0
        || PyModule_AddObjectRef(module, "Segment", (PyObject *)&SegmentType) < 0
        || PyModule_AddObjectRef(module, "Collection", (PyObject *)&CollectionType) < 0
        || PyModule_AddObjectRef(module, "Word", (PyObject *)&WordType) < 0
        || PyModule_AddObjectRef(module, "Numbering", (PyObject *)&NumberingType) < 0
        || PyModule_AddObjectRef(module, "Dawg", (PyObject *)&DawgType) < 0
        || PyModule_AddObjectRef(module, "CommonWords", (PyObject *)&CommonWordsType) < 0)
        Py_CLEAR(module);
    Py_XDECREF(names);
    return module;
}
