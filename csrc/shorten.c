/* Makes a text fit into a snippet. search/snippets/shorten.py is the definition. */
#include "passages.h"

enum { ELLIPSIS = 0x2026 };

Py_ssize_t folded_size(const ShownText *text, Py_ssize_t from, Py_ssize_t to)
{
    Py_ssize_t size = 0;
    int behind_word = 0;
    for (; from < to; from++) {
        int blank = is_blank(at(text, from));
        size += !blank || behind_word; /* a blank counts once, behind a word */
        behind_word = !blank;
    }
    return size && !behind_word ? size - 1 : size;
}

PyObject *folded_text(const ShownText *text, Py_ssize_t from, Py_ssize_t to, int head, int tail)
{
    Py_UCS4 few[256], *letters = few;
    Py_ssize_t size = 0;
    if (to - from + 2 > 256 && !(letters = PyMem_Malloc((size_t)(to - from + 2) * sizeof(Py_UCS4))))
        return PyErr_NoMemory();
    if (head)
        letters[size++] = ELLIPSIS;
    Py_ssize_t none = size;
    for (; from < to; from++) {
        Py_UCS4 c = at(text, from);
        if (!is_blank(c))
            letters[size++] = c;
        else if (size > none && letters[size - 1] != ' ')
            letters[size++] = ' ';
    }
    if (size > none && letters[size - 1] == ' ')
        size--;
    if (tail)
        letters[size++] = ELLIPSIS;
    PyObject *folded = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, letters, size);
    if (letters != few)
        PyMem_Free(letters);
    return folded;
}

/* Punctuation that would look odd beside an ellipsis. */
static int is_odd(Py_UCS4 c)
{
    switch (c) {
    case ' ': case ',': case ';': case ':': case '.': case '!': case '?': case ELLIPSIS: case 0x2014: case 0x2013: case '-':
        return 1;
    default:
        return 0;
    }
}

static int is_odd_before(Py_UCS4 c) { return is_odd(c) || c == '(' || c == 0xab; }
static int is_odd_behind(Py_UCS4 c) { return is_odd(c) || c == ')' || c == 0xbb; }

/* A character of a piece of a text that has a space for each line end and tab. */
static Py_UCS4 in_piece(const ShownText *text, Py_ssize_t place)
{
    Py_UCS4 c = at(text, place);
    return c == '\n' || c == '\t' || c == '\r' ? ' ' : c;
}

static Py_ssize_t least(Py_ssize_t left, Py_ssize_t right) { return left < right ? left : right; }
static Py_ssize_t greatest(Py_ssize_t left, Py_ssize_t right) { return left > right ? left : right; }

void cut_at_words(const ShownText *text, Py_ssize_t low, Py_ssize_t size, Py_ssize_t core_start, Py_ssize_t core_end, int head,
                  int tail, Py_ssize_t max_chars, Py_ssize_t *from, Py_ssize_t *to)
{
    Py_ssize_t start, end, near = max_chars * 3 / 4;
    core_end = least(core_end, core_start + max_chars - 2);
    if (!head && core_end <= near) {
        start = 0;
        end = least(size, max_chars - 1);
    } else if (!tail && size - core_start <= near) {
        start = greatest(0, size - max_chars + 1);
        end = size;
    } else {
        Py_ssize_t room = max_chars - 2 - (core_end - core_start);
        start = greatest(0, core_start - room / 2);
        end = least(size, start + max_chars - 2);
        start = greatest(0, least(start, end - max_chars + 2));
    }
    Py_ssize_t core = least(core_start, size); /* where slices up to it end */
    if (start > 0 || head) {
        if (start == 0 || in_piece(text, low + start - 1) != ' ') {
            while (start < core && in_piece(text, low + start) != ' ')
                start++;
            start = start < core ? start + 1 : core_start;
        }
        while (start < core && is_odd_behind(in_piece(text, low + start)))
            start++;
        start = start < core ? core_start - (core - start) : core_start;
    }
    if (end < size || tail) {
        if (end == size || in_piece(text, low + end) != ' ') {
            Py_ssize_t blank = end;
            while (blank > core_end && in_piece(text, low + blank - 1) != ' ')
                blank--;
            if (blank > core_end)
                end = blank - 1;
            else if (core_end)
                end = core_end; /* without a core, a word that fills the snippet is cut */
        }
        end = least(end, size);
        while (end > core_end && is_odd_before(in_piece(text, low + end - 1)))
            end--;
        end = greatest(end, core_end);
    }
    *from = start;
    *to = end;
}
