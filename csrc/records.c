/* Makes records of Python: instances of classes with a slot a field. indexer/record.py is the definition. */
#include "records.h"
#include <structmember.h>

/* The offset of the slot of a field; 0 with an exception. */
static Py_ssize_t offset_of(PyTypeObject *type, PyObject *name)
{
    PyObject *found = PyObject_GetAttr((PyObject *)type, name);
    Py_ssize_t offset = 0;
    if (found && Py_TYPE(found) == &PyMemberDescr_Type && PyType_IsSubtype(type, PyDescr_TYPE(found))) {
        const PyMemberDef *member = ((PyMemberDescrObject *)found)->d_member;
        if (member->type == T_OBJECT_EX && member->offset > 0
            && member->offset + (Py_ssize_t)sizeof(PyObject *) <= type->tp_basicsize)
            offset = member->offset;
    }
    if (!offset && !PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "a field without a slot");
    Py_XDECREF(found);
    return offset;
}

PyObject *make_record(const RecordMaker *maker, PyObject *const *values)
{
    PyObject *made = maker->made->tp_alloc(maker->made, 0);
    for (Py_ssize_t field = 0; made && field < maker->count; field++)
        *(PyObject **)((char *)made + maker->offsets[field]) = Py_NewRef(values[field]);
    return made;
}

static PyObject *maker_call(PyObject *self, PyObject *const *values, size_t flags, PyObject *names)
{
    const RecordMaker *maker = (const RecordMaker *)self;
    if (PyVectorcall_NARGS(flags) != maker->count || (names && PyTuple_GET_SIZE(names))) {
        PyErr_Format(PyExc_TypeError, "%s: a value for each of %zd fields", maker->made->tp_name, maker->count);
        return NULL;
    }
    return make_record(maker, values);
}

/* RecordMaker(cls) */
static PyObject *maker_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyTypeObject *made;
    (void)keywords;
    if (!PyArg_ParseTuple(args, "O!", &PyType_Type, &made))
        return NULL;
    PyObject *names = PyObject_GetAttrString((PyObject *)made, "__match_args__");
    RecordMaker *self = NULL;
    if (names && (!PyTuple_Check(names) || made->tp_new != PyBaseObject_Type.tp_new || made->tp_itemsize
                  || PyTuple_GET_SIZE(names) > MOST_FIELDS || PyObject_HasAttrString((PyObject *)made, "__post_init__")))
        PyErr_SetString(PyExc_TypeError, "not a record of fields alone");
    else if (names && (self = (RecordMaker *)type->tp_alloc(type, 0))) {
        self->call = maker_call;
        self->made = (PyTypeObject *)Py_NewRef(made);
        for (Py_ssize_t field = 0; self && field < PyTuple_GET_SIZE(names); field++)
            if (!(self->offsets[self->count++] = offset_of(made, PyTuple_GET_ITEM(names, field))))
                Py_CLEAR(self);
    }
    Py_XDECREF(names);
    return (PyObject *)self;
}

static void maker_dealloc(RecordMaker *self)
{
    Py_XDECREF(self->made);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

PyTypeObject RecordMakerType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.RecordMaker",
    .tp_basicsize = sizeof(RecordMaker),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_vectorcall_offset = offsetof(RecordMaker, call),
    .tp_call = PyVectorcall_Call,
    .tp_new = maker_new,
    .tp_dealloc = (destructor)maker_dealloc,
};
