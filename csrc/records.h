/* Makes records of Python, see records.c. */
#ifndef NAIDI_RECORDS_H
#define NAIDI_RECORDS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>

enum { MOST_FIELDS = 32 };

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyTypeObject *made;
    Py_ssize_t count, offsets[MOST_FIELDS]; /* of the fields, in order */
} RecordMaker;

extern PyTypeObject RecordMakerType;

/* A record with these values, one a field. */
PyObject *make_record(const RecordMaker *maker, PyObject *const *values);

#endif
