/*
 * Seconds of Python (int, float or None) and nanoseconds of the library.
 */
#include "core.h"

#include <math.h>

#define SECONDS_MAX 3.1e9 /* about a century: more is for ever */

bool time_from(PyObject *seconds, hws_time *delay)
{
    if (seconds == Py_None) {
        *delay = HWS_NEVER;
        return true;
    }
    double value = PyFloat_AsDouble(seconds);
    if (value == -1.0 && PyErr_Occurred())
        return false;
    if (isnan(value)) {
        PyErr_SetString(PyExc_ValueError, "a time in seconds must be a number");
        return false;
    }
    if (value >= SECONDS_MAX)
        *delay = HWS_NEVER;
    else
        *delay = value <= 0 ? 0 : (hws_time)ceil(value * 1e9);
    return true;
}

PyObject *time_to(hws_time time)
{
    if (time == HWS_NEVER)
        Py_RETURN_NONE;
    return PyFloat_FromDouble((double)time / 1e9);
}
