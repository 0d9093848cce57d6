/* Where a text goes on behind its own title. search/snippets/behind_title.py is the definition. */
#include "passages.h"

enum { LINES = 6, ELLIPSIS = 0x2026 };

static int is_closing(Py_UCS4 c)
{
    switch (c) {
    case ')': case ']': case '}': case 0xbb: case 0x201d: case '"': case '\'': case '*': case '_': case '#': case '=': case '`':
    case ' ': case '\t':
        return 1;
    default:
        return 0;
    }
}

/* Whether the letters of `c`, case-folded, are the wanted ones at *number, which goes on behind them. -1: an exception is set. */
static int is_next(Py_UCS4 c, const Py_UCS4 *wanted, size_t count, size_t *number)
{
    if (c < 128 || is_russian(c)) {
        if (c < 128 ? c - 'A' < 26u : c < 0x430 && c >= 0x410)
            c += 32;
        else if (c == 0x401)
            c = 0x451;
        return wanted[(*number)++] == c;
    }
    PyObject *letter = PyUnicode_FromOrdinal((int)c), *folded = letter ? PyObject_CallMethod(letter, "casefold", NULL) : NULL;
    int is = folded ? 1 : -1;
    for (Py_ssize_t place = 0; folded && is && *number < count && place < PyUnicode_GET_LENGTH(folded); place++) {
        Py_UCS4 each = PyUnicode_READ_CHAR(folded, place);
        if (is_word_character(each))
            is = wanted[(*number)++] == each;
    }
    Py_XDECREF(letter);
    Py_XDECREF(folded);
    return is;
}

/* Where the wanted letters end, if those from `position` on are the same; else -1; -2: an exception is set. */
static Py_ssize_t end_of(const ShownText *text, Py_ssize_t position, const Py_UCS4 *wanted, size_t count)
{
    Py_ssize_t limit = position + 4 * (Py_ssize_t)count + 100;
    size_t number = 0;
    for (limit = limit < text->size ? limit : text->size; position < limit; position++) {
        Py_UCS4 c = at(text, position);
        if (!is_word_character(c))
            continue;
        int is = is_next(c, wanted, count, &number);
        if (is <= 0)
            return is < 0 ? -2 : -1;
        if (number == count)
            return position + 1;
    }
    return -1;
}

/* Where the line or the sentence ends that the title is; -1 if it goes on. */
static Py_ssize_t behind(const ShownText *text, Py_ssize_t position)
{
    int ended = 0;
    for (; position < text->size; position++) {
        Py_UCS4 c = at(text, position);
        if (c == '\n')
            return position;
        if (is_terminator(c) || c == ':')
            ended = 1;
        else if (ended && is_blank(c))
            return position;
        else if (c == '{') { /* an attribute of a heading */
            while (position < text->size && at(text, position) != '\n')
                position++;
            return position;
        } else if (!is_closing(c))
            return -1;
    }
    return position;
}

int behind_title(const ShownText *text, PyObject *title, Py_ssize_t *start, int *whole)
{
    *start = 0;
    *whole = 1;
    Py_ssize_t size = PyUnicode_GET_LENGTH(title), line = 0;
    if (!size)
        return 0;
    int cut = PyUnicode_READ_CHAR(title, size - 1) == ELLIPSIS;
    PyObject *folded = PyObject_CallMethod(title, "casefold", NULL);
    Py_UCS4 *wanted = folded ? PyUnicode_AsUCS4Copy(folded) : NULL;
    size_t count = 0;
    if (!wanted) {
        Py_XDECREF(folded);
        return -1;
    }
    for (Py_ssize_t place = 0; place < PyUnicode_GET_LENGTH(folded); place++)
        if (is_word_character(wanted[place]))
            wanted[count++] = wanted[place];
    Py_DECREF(folded);
    Py_ssize_t end = -1, goes_on = -1;
    for (int number = 0; count && number < LINES; number++) {
        end = end_of(text, line, wanted, count);
        if (end == -2 || (end >= 0 && ((goes_on = behind(text, end)) >= 0 || cut)))
            break;
        while (line < text->size && at(text, line) != '\n')
            line++;
        if (line++ >= text->size)
            break;
    }
    PyMem_Free(wanted);
    if (end == -2)
        return -1;
    if (end >= 0 && (goes_on >= 0 || cut)) {
        *start = goes_on >= 0 ? goes_on : end;
        *whole = goes_on >= 0;
    }
    return 0;
}
