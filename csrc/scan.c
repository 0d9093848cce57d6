/* Looks for the beginnings of forms in a text. search/snippets/token_match.py is the definition. */
#include "finder.h"

/* -- characters */

static int has_capitals(Py_UCS4 c) /* whether letters like this one may be capitals; see _CASED in needles.py */
{
    return c < 0x600 || (c >= 0x10a0 && c < 0x1400) || (c >= 0x1c80 && c < 0x2000) || (c >= 0x2100 && c < 0x2200)
           || (c >= 0x2480 && c < 0x2500) || (c >= 0x2c00 && c < 0x2e00) || (c >= 0xa600 && c < 0xac00)
           || (c >= 0xff00 && c < 0xff60);
}

static Py_UCS4 lowered_other(Py_UCS4 c)
{
    if (is_apostrophe(c))
        return '\'';
    if (!has_capitals(c))
        return c;
    return c == 0x130 ? 'i' : Py_UNICODE_TOLOWER(c);
}

static inline Py_UCS4 lowered(Py_UCS4 c)
{
    if (c < 128)
        return c - 'A' < 26u ? c + 32 : c;
    if (c - 0x410 < 64u)
        return c < 0x430 ? c + 32 : c;
    return lowered_other(c);
}

static int is_common_mark(Py_UCS4 c)
{
    return c == 0xad || (c >= 0x200b && c <= 0x200d) || c == 0x2060 || c == 0xfeff || c == 0x34f || c == 0x300 || c == 0x301
           || c == 0x306 || c == 0x308;
}

static int begins_word(const ShownText *text, Py_ssize_t start)
{
    if (!start)
        return 1;
    Py_UCS4 before = at(text, start - 1);
    if (is_word_character(before) || (before == '.' && is_net(text, start - 1)))
        return 0;
    Py_ssize_t position = start - 1 - is_apostrophe(before);
    while (position >= 0 && is_mark(at(text, position)))
        position--;
    return position == start - 1 || position < 0 || !is_word_character(at(text, position));
}

/* -- candidates */

void free_candidates(Candidates *candidates)
{
    PyMem_RawFree(candidates->items);
    PyMem_RawFree(candidates->first);
    PyMem_RawFree(candidates->last);
}

static int add_candidate(Candidates *candidates, size_t group, Py_ssize_t begin)
{
    Candidate *items = with_room(candidates->items, &candidates->room, candidates->count, sizeof(Candidate));
    if (!items)
        return -1;
    candidates->items = items;
    int number = (int)candidates->count++;
    candidates->items[number] = (Candidate){begin, -1};
    if (candidates->first[group] < 0)
        candidates->first[group] = number;
    else
        candidates->items[candidates->last[group]].next = number;
    candidates->last[group] = number;
    return 0;
}

INLINED int is_here(const ShownText *text, int kind, const Needle *needle, Py_ssize_t begin)
{
    Py_ssize_t start = begin - needle->lead;
    if (start + needle->length > text->size || (needle->lead && PyUnicode_READ(kind, text->data, start) != needle->letters[0]))
        return 0;
    for (Py_ssize_t place = needle->lead; place < needle->length; place++)
        if (lowered(PyUnicode_READ(kind, text->data, start + place)) != needle->letters[place])
            return 0;
    return !needle->whole || !is_word_at(text, begin + needle->whole);
}

/* Add those of a chain of needles that are at `begin`. base, behind: where they may begin. *checked: whether a word begins there: 1, or
   -1 if not yet known. */
INLINED int add_chain(const ShownText *text, int kind, const Scan *scan, int which, Py_ssize_t begin, Py_ssize_t base,
                      Py_ssize_t behind, int *checked, Candidates *candidates)
{
    for (; which >= 0 && *checked; which = scan->needles[which].next) {
        const Needle *needle = &scan->needles[which];
        if (begin - needle->lead < base || begin - needle->lead >= behind || !is_here(text, kind, needle, begin))
            continue;
        if (*checked < 0 && !(*checked = begins_word(text, begin)))
            return 0;
        if (add_candidate(candidates, needle->group, begin) < 0)
            return -1;
    }
    return 0;
}

/* Add the needles that begin with the character at `begin`, before which no letter stands. */
INLINED int add_at(const ShownText *text, int kind, const Scan *scan, Py_ssize_t begin, Py_ssize_t base, Py_ssize_t behind,
                   Candidates *candidates)
{
    int checked = -1;
    Py_UCS4 first = lowered(PyUnicode_READ(kind, text->data, begin));
    int single = scan->singles[first & 255];
    if (single >= 0 && add_chain(text, kind, scan, single, begin, base, behind, &checked, candidates) < 0)
        return -1;
    if (begin + 1 == text->size)
        return 0;
    int pair = scan->pairs[pair_of(first, lowered(PyUnicode_READ(kind, text->data, begin + 1)))];
    return pair >= 0 ? add_chain(text, kind, scan, pair, begin, base, behind, &checked, candidates) : 0;
}

/* Character by character. *in_word: whether a letter comes before, and then whether the last one is a letter. */
INLINED int scan_characters(const ShownText *text, int kind, const Scan *scan, Py_ssize_t from, Py_ssize_t to, Py_ssize_t base,
                            Py_ssize_t behind, int *in_word, Candidates *candidates)
{
    for (Py_ssize_t begin = from; begin < to; begin++) {
        Py_UCS4 c = PyUnicode_READ(kind, text->data, begin);
        if (*in_word && (c < 128 ? is_latin(c) : is_russian(c)))
            continue; /* as most are */
        int begins = !*in_word;
        *in_word = is_letter(c);
        if (c >= 0xad && !is_russian(c)) {
            candidates->has_marks |= is_common_mark(c);
            candidates->is_odd |= c == 0x3a3 || (c >= 0x10000 && Py_UNICODE_TOLOWER(c) != c);
        }
        if (begins && add_at(text, kind, scan, begin, base, behind, candidates) < 0)
            return -1;
    }
    return 0;
}

/* -- blocks: where words begin among 64 characters, without a branch a character */

enum { BLOCK = 64 };

/* The letters among characters, as bytes 0 or 1. Gives 0 if there are others than those of most texts. */
static int letters_of_1(const Py_UCS1 *characters, uint8_t *letters)
{
    uint8_t others = 0;
    for (int place = 0; place < BLOCK; place++) {
        uint8_t c = characters[place];
        letters[place] = (uint8_t)((c | 32) - 'a') < 26;
        others |= (c >= 128) & (c != 0xa0) & (c != 0xab) & (c != 0xbb);
    }
    return !others;
}

static int letters_of_2(const Py_UCS2 *characters, uint8_t *letters)
{
    uint16_t others = 0;
    for (int place = 0; place < BLOCK; place++) {
        uint16_t c = characters[place];
        uint16_t russian = ((uint16_t)(c - 0x410) < 64) | (c == 0x401) | (c == 0x451);
        letters[place] = (uint8_t)(russian | ((uint16_t)((c | 32) - 'a') < 26));
        /* Of General Punctuation no visible character is a letter. */
        others |= (c >= 128) & !russian & (c != 0xa0) & (c != 0xab) & (c != 0xbb) & ((uint16_t)(c - 0x2010) >= 0x4f);
    }
    return !others;
}

static uint64_t bits_of(const uint8_t *bytes)
{
    uint64_t bits = 0, eight;
    for (int place = 0; place < BLOCK; place += 8) {
        memcpy(&eight, bytes + place, 8);
        bits |= (eight * 0x0102040810204080u >> 56) << place;
    }
    return bits;
}

static inline int lowest_bit(uint64_t bits)
{
#if defined(__GNUC__)
    return __builtin_ctzll(bits);
#else
    int place = 0;
    while (!(bits >> place & 1))
        place++;
    return place;
#endif
}

/* The kind is a constant at each call. */
INLINED int scan_kind(const ShownText *text, int kind, const Scan *scan, Py_ssize_t base, Py_ssize_t size, Candidates *candidates)
{
    Py_ssize_t behind = base + size < text->size ? base + size : text->size;
    Py_ssize_t end = behind < text->size ? behind + 1 : behind; /* a needle that begins with the character before a word */
    int in_word = base && is_letter(at(text, base - 1));
    uint8_t letters[BLOCK];
    for (Py_ssize_t from = base; from < end; from += BLOCK) {
        const uint8_t *start = (const uint8_t *)text->data + from * kind;
        int is_plain = end - from >= BLOCK
                       && (kind == PyUnicode_1BYTE_KIND   ? letters_of_1((const Py_UCS1 *)start, letters)
                           : kind == PyUnicode_2BYTE_KIND ? letters_of_2((const Py_UCS2 *)(const void *)start, letters)
                                                          : 0);
        if (!is_plain) {
            Py_ssize_t to = end - from > BLOCK ? from + BLOCK : end;
            if (scan_characters(text, kind, scan, from, to, base, behind, &in_word, candidates) < 0)
                return -1;
            continue;
        }
        uint64_t bits = bits_of(letters), begins = ~(bits << 1 | (uint64_t)in_word);
        in_word = (int)(bits >> 63);
        for (begins &= scan->has_others ? begins : bits; begins; begins &= begins - 1)
            if (add_at(text, kind, scan, from + lowest_bit(begins), base, behind, candidates) < 0)
                return -1;
    }
    return 0;
}

static int scan_stretch(const ShownText *text, const Scan *scan, Py_ssize_t base, Py_ssize_t size, Candidates *candidates)
{
    switch (text->kind) {
    case PyUnicode_1BYTE_KIND:
        return scan_kind(text, PyUnicode_1BYTE_KIND, scan, base, size, candidates);
    case PyUnicode_2BYTE_KIND:
        return scan_kind(text, PyUnicode_2BYTE_KIND, scan, base, size, candidates);
    default:
        return scan_kind(text, PyUnicode_4BYTE_KIND, scan, base, size, candidates);
    }
}

int find_candidates(const ShownText *text, const Scan *scan, Py_ssize_t base, Py_ssize_t size, Candidates *candidates)
{
    int status = -1;
    if (!candidates->first) {
        candidates->first = PyMem_RawMalloc((scan->count + 1) * sizeof(int));
        candidates->last = PyMem_RawMalloc((scan->count + 1) * sizeof(int));
    }
    candidates->count = 0;
    if (candidates->first && candidates->last) {
        for (size_t which = 0; which < scan->count; which++)
            candidates->first[which] = -1;
        if (size < CHUNK / 4)
            status = scan_stretch(text, scan, base, size, candidates);
        else {
            Py_BEGIN_ALLOW_THREADS
            status = scan_stretch(text, scan, base, size, candidates);
            Py_END_ALLOW_THREADS
        }
    }
    if (status < 0)
        PyErr_NoMemory();
    return status;
}
