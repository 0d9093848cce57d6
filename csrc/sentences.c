/* Where sentences begin and end. indexer/analysis/sentences.py is the definition, and has the reasons; names are the same. */
#include "text.h"

enum { LOOKAHEAD = 60, LOOKBEHIND = 32, NEAR = 120, SHORTEST_WRAPPED = 40, BEHIND_WRAPPED = 111 };

typedef struct {
    Py_ssize_t begin, end;
} Span;

static int is_closing(Py_UCS4 c)
{
    return c == '"' || c == '\'' || c == ')' || c == ']' || c == '*' || c == '_' || c == 0x201d || c == 0x2019 || c == 0xbb;
}

static int is_line_end(Py_UCS4 c)
{
    return c == '\n' || c == '\r' || c == '\f' || c == 0x2028 || c == 0x2029;
}

/* The next candidate for the end of a sentence in [from, to). */
static int next_candidate(const ShownText *text, Py_ssize_t from, Py_ssize_t to, Span *found)
{
    for (; from < to; from++) {
        Py_UCS4 c = at(text, from);
        if (c > '?' && c < 0x2026)
            continue;
        if (is_terminator(c)) {
            found->begin = from++;
            while (from < to && is_terminator(at(text, from)))
                from++;
            while (from < to && is_closing(at(text, from)))
                from++;
        } else if (is_line_end(c)) {
            found->begin = from;
            from = skip_blanks(text, from + 1, to);
        } else
            continue;
        found->end = from;
        return 1;
    }
    return 0;
}

/* Whether white space holds an empty line or a page end. */
static int blank_line(const ShownText *text, Py_ssize_t from, Py_ssize_t to)
{
    int ends = 0;
    for (Py_ssize_t place = from; place < to; place++) {
        Py_UCS4 c = at(text, place);
        if (c == '\f' || c == 0x2029)
            return 1;
        ends += c == '\n' ? place == from || at(text, place - 1) != '\r' : c == '\r';
    }
    return ends > 1;
}

static int is_list_item(const ShownText *text, Py_ssize_t place)
{
    Py_UCS4 c = at(text, place);
    Py_ssize_t behind = place + 1;
    switch (c) {
    case '>': case '|': case '`': case '=': case '~':
        return 1;
    case '-': case '*': case '+': case 0x2022: case 0xb7: case 0x2013: case 0x2014:
        break;
    case '#':
        while (behind < text->size && behind - place < 6 && at(text, behind) == '#')
            behind++;
        break;
    default:
        if (c - '0' >= 10u)
            return 0;
        while (behind < text->size && behind - place < 3 && Py_UNICODE_ISDECIMAL(at(text, behind)))
            behind++;
        if (behind >= text->size || (at(text, behind) != '.' && at(text, behind) != ')'))
            return 0;
        behind++;
    }
    return behind < text->size && is_blank(at(text, behind));
}

/* -- ends of sentences and of lines */

static int is_end(const ShownText *text, Language *language, Py_ssize_t sentence, Py_ssize_t start, Py_ssize_t end)
{
    Py_ssize_t stop = text->size, reach = end + LOOKAHEAD < stop ? end + LOOKAHEAD : stop, follower = end;
    if (end >= stop)
        return 1;
    if (at(text, end) == ' ' && end + 1 < stop && is_letter(at(text, end + 1)))
        follower = end + 1;
    else {
        if (!is_blank(at(text, end)))
            return 0;
        while (follower < reach && (is_opening_mark(at(text, follower)) || is_blank(at(text, follower))))
            follower++;
        if (follower == reach || blank_line(text, end, follower))
            return 1;
    }
    if (is_small(at(text, follower)))
        return 0;
    if (at(text, start) != '.' || is_terminator(at(text, start + 1)))
        return 1;
    return !is_abbreviation(text, language, sentence, start, follower, reach);
}

/* Whether white space ends a sentence: 1, 0, or -1 if that depends on the line before it. */
static int settled(const ShownText *text, Py_ssize_t start, Py_ssize_t end)
{
    if (end >= text->size || (end - start > 1 && blank_line(text, start, end)) || at(text, start) == '\f'
        || at(text, start) == 0x2029)
        return 1;
    if (is_list_item(text, end))
        return 1;
    return is_small(at(text, end)) ? 0 : -1;
}

static int is_long_line(const ShownText *text, Py_ssize_t start)
{
    if (start + BEHIND_WRAPPED >= text->size)
        return 0;
    for (Py_ssize_t place = start; place < start + BEHIND_WRAPPED; place++)
        if (at(text, place) == '\n')
            return 0;
    return 1;
}

static int is_break(const ShownText *text, Language *language, Py_ssize_t line, Py_ssize_t start, Py_ssize_t end)
{
    int known = settled(text, start, end);
    if (known > 0 || at(text, line) == '#')
        return 1;
    if (!known)
        return 0;
    if (start - line >= SHORTEST_WRAPPED && start - line < BEHIND_WRAPPED && !is_long_line(text, end))
        return 0;
    Py_ssize_t low = start - LOOKBEHIND > line ? start - LOOKBEHIND : line, last = strip_blanks(text, low, start), word = last;
    while (word > low && !is_blank(at(text, word - 1)))
        word--;
    if (word >= last)
        return 1;
    if (at(text, last - 1) == ',' || at(text, last - 1) == ';')
        return 0;
    return !is_unfinished(text, language, word, last);
}

/* spans: the candidates between `floor` and the line end at [begin, end). */
static int breaks_here(const ShownText *text, Language *language, const Span *spans, size_t count, Py_ssize_t floor,
                       Py_ssize_t begin, Py_ssize_t end)
{
    int known = settled(text, begin, end);
    if (known >= 0)
        return known || at(text, line_start(text, floor, begin)) == '#';
    Py_ssize_t line = floor;
    while (count--) {
        const Span *earlier = &spans[count];
        if (!is_terminator(at(text, earlier->begin)) || is_end(text, language, floor, earlier->begin, earlier->end)) {
            line = skip_blanks(text, earlier->end, begin);
            break;
        }
    }
    return is_break(text, language, line, begin, end);
}

/* The start of the sentence in [low, high), or -1. */
static Py_ssize_t start_between(const ShownText *text, Language *language, Py_ssize_t position, Py_ssize_t low, Py_ssize_t high)
{
    Span few[NEAR], *spans = few, found;
    size_t count = 0, room = NEAR;
    Py_ssize_t start = -1;
    for (Py_ssize_t from = low; next_candidate(text, from, high, &found); from = found.end) {
        if (count == room) {
            Span *more = PyMem_Malloc(2 * room * sizeof(Span));
            if (!more) {
                PyErr_NoMemory();
                language->failed = 1;
                break;
            }
            memcpy(more, spans, count * sizeof(Span));
            if (spans != few)
                PyMem_Free(spans);
            spans = more;
            room *= 2;
        }
        spans[count++] = found;
    }
    while (count-- && start < 0 && !language->failed) {
        Py_ssize_t begin = spans[count].begin, end = spans[count].end;
        if (is_terminator(at(text, begin))) {
            if (end < text->size && is_blank(at(text, end))
                && is_end(text, language, line_start(text, low, begin), begin, end))
                start = skip_blanks(text, end, position);
        } else if (breaks_here(text, language, spans, count, low, begin, end))
            start = skip_blanks(text, end, position);
    }
    if (spans != few)
        PyMem_Free(spans);
    return start;
}

Py_ssize_t sentence_start(const ShownText *text, Language *language, Py_ssize_t position, Py_ssize_t floor)
{
    Py_ssize_t near = position - NEAR > floor ? position - NEAR : floor;
    Py_ssize_t start = start_between(text, language, position, near, position);
    if (start < 0)
        start = start_between(text, language, position, floor, near);
    if (start < 0 && floor <= 0)
        start = skip_blanks(text, 0, position);
    return start;
}

Py_ssize_t sentence_stop(const ShownText *text, Language *language, Py_ssize_t start, Py_ssize_t position, Py_ssize_t ceiling)
{
    Py_ssize_t stop = text->size, to = ceiling < stop ? ceiling : stop, line = -1;
    Span found;
    for (Py_ssize_t from = position; next_candidate(text, from, to, &found); from = found.end) {
        if (is_terminator(at(text, found.begin))) {
            if (found.end == stop
                || (is_blank(at(text, found.end)) && is_end(text, language, start, found.begin, found.end)))
                return found.end;
        } else {
            if (line < 0)
                line = line_start(text, start, position);
            if (is_break(text, language, line, found.begin, found.end))
                return found.begin;
            line = found.end;
        }
    }
    return ceiling >= stop ? strip_blanks(text, position, stop) : -1;
}
