/* Sets of words from and to integers of Python. */
#include "mask.h"

int take_mask(PyObject *number, Mask *mask)
{
    mask->high = 0;
    mask->low = PyLong_AsUnsignedLongLong(number);
    if (mask->low != (uint64_t)-1 || !PyErr_Occurred())
        return 0;
    if (!PyErr_ExceptionMatches(PyExc_OverflowError))
        return -1;
    PyErr_Clear();
    PyObject *size = PyLong_FromLong(64), *high = size ? PyNumber_Rshift(number, size) : NULL;
    if (high) {
        mask->low = PyLong_AsUnsignedLongLongMask(number);
        mask->high = PyLong_AsUnsignedLongLongMask(high);
    }
    Py_XDECREF(size);
    Py_XDECREF(high);
    return PyErr_Occurred() ? -1 : 0;
}

PyObject *mask_to_int(Mask mask)
{
    if (!mask.high)
        return PyLong_FromUnsignedLongLong(mask.low);
    PyObject *high = PyLong_FromUnsignedLongLong(mask.high), *low = PyLong_FromUnsignedLongLong(mask.low);
    PyObject *size = PyLong_FromLong(64), *shifted = NULL, *number = NULL;
    if (high && low && size && (shifted = PyNumber_Lshift(high, size)))
        number = PyNumber_Or(shifted, low);
    Py_XDECREF(high);
    Py_XDECREF(low);
    Py_XDECREF(size);
    Py_XDECREF(shifted);
    return number;
}
