/* What the tokenizer asks of single characters and lines; analysis/tokenizer.py is the definition. */
#include "indexing.h"
#include <stddef.h>

int as_text(PyObject *object, Text *text)
{
    if (!PyUnicode_Check(object)) {
        PyErr_Format(PyExc_TypeError, "expected a str, got %.100s", Py_TYPE(object)->tp_name);
        return -1;
    }
#if PY_VERSION_HEX < 0x030C0000
    if (PyUnicode_READY(object) < 0)
        return -1;
#endif
    *text = (Text){PyUnicode_DATA(object), (int)PyUnicode_KIND(object), (size_t)PyUnicode_GET_LENGTH(object)};
    return 0;
}

static inline size_t line_end(const Text *text, int width, size_t from)
{
    if (width == 1) {
        const uint8_t *start = text->data, *end = memchr(start + from, '\n', text->count - from);
        return end ? (size_t)(end - start) : text->count;
    }
    while (from < text->count && PyUnicode_READ(width, text->data, from) != '\n')
        from++;
    return from;
}

static inline int has_headline(const Characters *characters, const Text *text, int width)
{
    for (size_t place = 0; place < text->count; place++) {
        int run = 0, capitals = 0;
        for (; place < text->count; place++) {
            uint32_t character = PyUnicode_READ(width, text->data, place);
            if (character == '\n')
                break;
            unsigned kind = character < 0x10000 ? characters->kinds[character] : 0;
            if (!(kind & (LATIN | CYRILLIC)))
                run = 0;
            else if (kind & CAPITAL)
                capitals |= ++run > 1;
            else {
                place = line_end(text, width, place);
                capitals = 0;
                break;
            }
        }
        if (capitals)
            return 1;
    }
    return 0;
}

int may_have_headline(const Characters *characters, const Text *text)
{
    switch (text->width) {
    case 1:
        return has_headline(characters, text, 1);
    case 2:
        return has_headline(characters, text, 2);
    default:
        return has_headline(characters, text, 4);
    }
}

/* The character at an offset from a place; 0, which is no part of any word or mark, outside the text. */
static uint32_t beside(const Text *text, size_t place, ptrdiff_t offset)
{
    if (offset < 0 ? place < (size_t)-offset : text->count - place <= (size_t)offset)
        return 0;
    return PyUnicode_READ(text->width, text->data, place + (size_t)offset);
}

static int is_letter_alone(const Characters *characters, const Text *text, size_t place, unsigned kind)
{
    return (kind_of(characters, beside(text, place, -1)) & kind) && !Py_UNICODE_ISALNUM(beside(text, place, -2));
}

size_t mark_of_name(const Characters *characters, const Text *text, size_t place)
{
    uint32_t before = beside(text, place, -1), next = beside(text, place, 1);
    switch (PyUnicode_READ(text->width, text->data, place)) {
    case '+':
        return next == '+' && beside(text, place, 2) != '+' && is_letter_alone(characters, text, place, BEFORE_PLUSES) ? 2 : 0;
    case '#':
        if (next == '#' || (Py_UNICODE_ISALNUM(next) && !Py_UNICODE_ISDECIMAL(next)))
            return 0;
        return is_letter_alone(characters, text, place, BEFORE_HASH) ? 1 : 0;
    case '.':
        if (before == '.' || before == '_' || Py_UNICODE_ISALNUM(before) || Py_UNICODE_ISALNUM(beside(text, place, 4)))
            return 0;
        return (next | 32) == 'n' && (beside(text, place, 2) | 32) == 'e' && (beside(text, place, 3) | 32) == 't' ? 1 : 0;
    default:
        return 0;
    }
}
