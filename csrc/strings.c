/* Sorted tables of strings. indexer/codec/strings.py is the definition; segment.c finds one string by its slot. */
#include "lexicon.h"

Status table_string(PyObject *string, uint8_t *bytes, size_t *length)
{
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(string, &size);
    *length = 0;
    if (!text) { /* half of a surrogate pair: no table has that. Anything else is told as want of memory. */
        int is_half = PyErr_ExceptionMatches(PyExc_UnicodeEncodeError);
        PyErr_Clear();
        return is_half ? FINE : NO_MEMORY;
    }
    if (size < LONGEST_STRING) {
        memcpy(bytes, text, (size_t)size);
        bytes[size] = '\n';
        *length = (size_t)size + 1;
    }
    return FINE;
}

Status string_at(const Segment *segment, int table, size_t number, const uint8_t **start, size_t *length)
{
    const Column *bytes = section(segment, table);
    size_t begin, end;
    Status status = row_of(section(segment, table + 1), number, bytes->count, &begin, &end);
    if (status || begin == end)
        return DAMAGED;
    *start = bytes->start + begin;
    *length = end - begin - 1;
    return FINE;
}

Status next_string(const Segment *segment, Strings *strings, size_t number, const uint8_t **start, size_t *length)
{
    const Column *bytes = section(segment, strings->table), *ends = section(segment, strings->table + 1);
    if (!number || number != strings->behind || ends->width) {
        Status status = string_at(segment, strings->table, number, start, length);
        strings->behind = number + 1;
        strings->end = status ? 0 : (size_t)(*start - bytes->start) + *length + 1;
        strings->reader.column = &ends->packed;
        return status;
    }
    uint64_t end = number < ends->count ? packed_next(&strings->reader, number) : NO_SUCH_NUMBER;
    if (end <= strings->end || end > bytes->count)
        return DAMAGED;
    *start = bytes->start + strings->end;
    *length = (size_t)end - strings->end - 1;
    strings->behind = number + 1;
    strings->end = (size_t)end;
    return FINE;
}

/* Whether a string of a table is below `wanted`, or if `behind` begins with it. */
static Status is_below(const Segment *segment, int table, size_t number, const uint8_t *wanted, size_t length, int behind, int *below)
{
    const uint8_t *text;
    size_t other;
    if (string_at(segment, table, number, &text, &other))
        return DAMAGED;
    int order = memcmp(text, wanted, other < length ? other : length);
    *below = order < 0 || (!order && (other < length || behind));
    return FINE;
}

/* The first string in [low, high) that is not below `wanted`, or not below all that begin with it; `high` if there is none. */
static Status bound(const Segment *segment, int table, const uint8_t *wanted, size_t length, int behind, size_t low, size_t high, size_t *found)
{
    Status status = FINE;
    while (low < high && !status) {
        size_t middle = low + (high - low) / 2;
        int below = 0;
        status = is_below(segment, table, middle, wanted, length, behind, &below);
        if (below)
            low = middle + 1;
        else
            high = middle;
    }
    *found = low;
    return status;
}

/* Narrow [low, high) to a part in which the bound lies, in growing steps down from `high` or up from `low`: what is near is found in few. */
static Status narrow(const Segment *segment, int table, const uint8_t *wanted, size_t length, int behind, int down, size_t *low, size_t *high)
{
    Status status = FINE;
    for (size_t step = 4; step < *high - *low && !status; step *= 4) {
        size_t place = down ? *high - step : *low + step;
        int below = 0;
        status = is_below(segment, table, place, wanted, length, behind, &below);
        if (below)
            *low = place + 1;
        else
            *high = place;
        if (below == down)
            break;
    }
    return status;
}

Status beginning_range(const Segment *segment, int table, const uint8_t *string, size_t length, int64_t near, size_t *first, size_t *behind)
{
    size_t low = 0, high = section(segment, table + 1)->count, end = high;
    int below = 1, is_behind = 0;
    Status status = FINE;
    if (near >= 0 && !(status = is_below(segment, table, (size_t)near, string, length, 0, &below)) && !below)
        status = is_below(segment, table, (size_t)near, string, length, 1, &is_behind);
    if (status)
        return status;
    if (is_behind) { /* it begins so */
        high = (size_t)near;
        status = narrow(segment, table, string, length, 0, 1, &low, &high);
    }
    if (status || (status = bound(segment, table, string, length, 0, low, high, first)))
        return status;
    low = is_behind ? (size_t)near + 1 : *first;
    status = narrow(segment, table, string, length, 1, 0, &low, &end);
    return status ? status : bound(segment, table, string, length, 1, low, end, behind);
}
