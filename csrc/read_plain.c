/* Reads plain queries. search/query/plain.py is the definition. */
#include "plain.h"
#include "text.h"

void free_tokens(Tokens *tokens)
{
    for (size_t number = 0; number < tokens->count; number++)
        Py_DECREF(tokens->items[number]);
}

int split_plain(PyObject *query, Py_ssize_t from, Py_ssize_t to, Tokens *tokens)
{
    ShownText text = text_of(query);
    tokens->count = 0;
    for (from = skip_blanks(&text, from, to); from < to; from = skip_blanks(&text, from, to)) {
        Py_ssize_t end = from;
        while (end < to && is_word_character(at(&text, end)))
            end++;
        if (tokens->count == MOST_TOKENS || (end < to && !is_blank(at(&text, end))))
            return 0;
        PyObject *token = PyUnicode_Substring(query, from, end);
        if (!token)
            return -1;
        tokens->items[tokens->count++] = token;
        from = end;
    }
    return tokens->count > 0;
}

int has_reserved(PyObject *reserved, const Tokens *tokens)
{
    int has = 0;
    for (size_t number = 0; number < tokens->count && !has; number++)
        has = PySet_Contains(reserved, tokens->items[number]);
    return has;
}

int drop_operators(PyObject *reserved, Tokens *tokens)
{
    if (tokens->count % 2 == 0)
        return 0;
    for (size_t place = 1; place < tokens->count; place += 2)
        if (PyUnicode_CompareWithASCIIString(tokens->items[place], "AND"))
            return 0;
    for (size_t place = 1; place < tokens->count; place++) {
        if (place % 2)
            Py_DECREF(tokens->items[place]);
        else
            tokens->items[place / 2] = tokens->items[place];
    }
    tokens->count = (tokens->count + 1) / 2;
    int has = has_reserved(reserved, tokens);
    return has < 0 ? -1 : !has;
}

int is_beginning(PyObject *query, Py_ssize_t longest, Py_ssize_t *from, Py_ssize_t *to)
{
    ShownText text = text_of(query);
    *from = skip_blanks(&text, 0, text.size);
    *to = strip_blanks(&text, *from, text.size);
    if (*to - *from < 2 || *to - *from > longest || at(&text, *to - 1) != '*' || is_apostrophe(at(&text, *to - 2)))
        return 0;
    for (Py_ssize_t place = *from; place < *to - 1; place++)
        if (!is_word_character(at(&text, place)))
            return 0;
    return 1;
}

int is_phrase(PyObject *query, Py_ssize_t *end, Py_ssize_t *slop)
{
    ShownText text = text_of(query);
    *slop = 0;
    if (!text.size || at(&text, 0) != '"' || (*end = PyUnicode_FindChar(query, '"', 1, text.size, 1)) < 0)
        return 0;
    Py_ssize_t digits = text.size - *end - 2;
    if (digits == -1)
        return 1;
    if (digits < 1 || digits > 3 || at(&text, *end + 1) != '~')
        return 0;
    for (Py_ssize_t place = *end + 2; place < text.size; place++) {
        Py_UCS4 digit = at(&text, place) - '0';
        if (digit > 9)
            return 0;
        *slop = 10 * *slop + (Py_ssize_t)digit;
    }
    return 1;
}

static Py_UCS4 small_letter(Py_UCS4 c)
{
    if (c < 128 ? c - 'A' < 26u : c - 0x410 < 32u)
        return c + 32;
    return c == 0x401 ? 0x451 : c;
}

size_t plain_form(PyObject *string, uint8_t *form)
{
    ShownText text = text_of(string);
    size_t length = 0;
    if (!text.size || text.size > LONGEST_PLAIN_WORD)
        return 0;
    int latin = is_latin(at(&text, 0));
    for (Py_ssize_t place = 0; place < text.size; place++) {
        Py_UCS4 c = at(&text, place), small = place ? c : small_letter(c);
        if (latin ? small - 'a' >= 26u : small - 0x430 >= 32u && small != 0x451)
            return 0;
        if (latin)
            form[length++] = (uint8_t)small;
        else {
            form[length++] = (uint8_t)(0xC0 | small >> 6);
            form[length++] = (uint8_t)(0x80 | (small & 0x3F));
        }
    }
    form[length++] = '\n';
    return length;
}

static Py_UCS4 capital_letter(Py_UCS4 c)
{
    return c == 0x451 ? 0x401 : c - 32;
}

static int is_twin(Py_UCS4 c) { return c == 0x435 || c == 0x451 || c == 0x415 || c == 0x401; }

static Py_UCS4 twin_of(Py_UCS4 c) { return c == 0x435 || c == 0x451 ? c ^ 0x64 : c ^ 0x14; }

static size_t encode(Py_UCS4 c, uint8_t *bytes)
{
    if (c < 128) {
        bytes[0] = (uint8_t)c;
        return 1;
    }
    bytes[0] = (uint8_t)(0xC0 | c >> 6);
    bytes[1] = (uint8_t)(0x80 | (c & 0x3F));
    return 2;
}

size_t read_beginnings(PyObject *string, Py_ssize_t longest_capitals, size_t most_twins, Beginnings *beginnings)
{
    ShownText text = text_of(string);
    Py_ssize_t size = text.size - 1; /* without the star */
    size_t twins = 0, count = 0;
    int latin = is_latin(at(&text, 0));
    if (size > LONGEST_PLAIN_WORD)
        return 0;
    for (Py_ssize_t place = 0; place < size; place++) {
        Py_UCS4 c = at(&text, place);
        if (latin ? !is_latin(c) : !is_russian(c))
            return 0;
        twins += is_twin(c);
    }
    if (twins > most_twins || twins > MOST_TWINS)
        return 0;
    for (int capitals = 0; capitals < (size <= longest_capitals ? 2 : 1); capitals++)
        for (unsigned which = 0; which < 1u << twins; which++) {
            uint8_t *bytes = beginnings->bytes[count];
            size_t length = 0;
            unsigned bit = 0;
            for (Py_ssize_t place = 0; place < size; place++) {
                Py_UCS4 c = small_letter(at(&text, place));
                c = capitals ? capital_letter(c) : c;
                if (is_twin(c) && which >> bit++ & 1)
                    c = twin_of(c);
                length += encode(c, bytes + length);
            }
            beginnings->items[count++] = (Beginning){bytes, length};
        }
    return count;
}
