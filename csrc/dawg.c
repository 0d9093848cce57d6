/* Follows words through the double array of a dictionary. A node is compared with the number of units before its unit is read: the file
   is of another package. */
#include "morphology.h"

static const uint32_t LABEL = 0x800000FF, EXTENSION = 0x200, HAS_LEAF = 0x100, LEAF = 0x80000000, WORD_END = 1;
enum { LONGEST_VALUE = 16 }; /* characters in base 64 */

int make_dawg(Dawg *dawg, PyObject *pair, int with_values)
{
    PyObject *units, *guide;
    if (!PyTuple_Check(pair)) {
        PyErr_SetString(PyExc_TypeError, "a dawg is a pair: units, guide");
        return -1;
    }
    if (!PyArg_ParseTuple(pair, "OO", &units, &guide) || PyObject_GetBuffer(units, &dawg->unit_buffer, PyBUF_SIMPLE) < 0)
        return -1;
    if (PyObject_GetBuffer(guide, &dawg->guide_buffer, PyBUF_SIMPLE) < 0)
        return -1;
    dawg->units = dawg->unit_buffer.buf;
    dawg->guide = dawg->guide_buffer.buf;
    dawg->count = (size_t)dawg->unit_buffer.len / sizeof(uint32_t);
    if (!dawg->count || dawg->unit_buffer.len % (Py_ssize_t)sizeof(uint32_t) || (uintptr_t)dawg->units % sizeof(uint32_t)
        || (with_values && (size_t)dawg->guide_buffer.len / 2 < dawg->count)) {
        PyErr_SetString(PyExc_ValueError, "a dawg has 32-bit units, one at least, and two bytes of a guide for each");
        return -1;
    }
    return 0;
}

void free_dawg(Dawg *dawg)
{
    if (dawg->unit_buffer.obj)
        PyBuffer_Release(&dawg->unit_buffer);
    if (dawg->guide_buffer.obj)
        PyBuffer_Release(&dawg->guide_buffer);
}

static inline uint32_t base_of(const Dawg *dawg, uint32_t node)
{
    uint32_t unit = dawg->units[node];
    return node ^ (unit >> 10) << ((unit & EXTENSION) >> 6);
}

/* The child of a node with this label; 0 if there is none. The node must be one. */
static inline uint32_t child_of(const Dawg *dawg, uint32_t node, uint32_t label)
{
    uint32_t child = base_of(dawg, node) ^ label;
    return child < dawg->count && (dawg->units[child] & LABEL) == label ? child : 0;
}

/* The node that a letter, as UTF-8, leads to. */
static inline uint32_t follow_letter(const Dawg *dawg, uint32_t node, uint32_t letter)
{
    if (letter < 0x80)
        return child_of(dawg, node, letter);
    if (letter < 0x800)
        node = child_of(dawg, node, 0xC0 | letter >> 6);
    else {
        node = child_of(dawg, node, 0xE0 | letter >> 12);
        node = node ? child_of(dawg, node, 0x80 | (letter >> 6 & 63)) : 0;
    }
    return node ? child_of(dawg, node, 0x80 | (letter & 63)) : 0;
}

uint32_t follow_letters(const Dawg *dawg, const Letters *word)
{
    uint32_t node = 0;
    for (size_t place = 0; place < word->length; place++)
        if ((node = follow_letter(dawg, node, word->units[place])) == 0)
            return 0;
    return node;
}

uint32_t follow_bytes(const Dawg *dawg, uint32_t node, const uint8_t *bytes, size_t length)
{
    for (size_t place = 0; place < length; place++)
        if ((node = child_of(dawg, node, bytes[place])) == 0)
            return 0;
    return node;
}

uint32_t number_of_node(const Dawg *dawg, uint32_t node)
{
    if (node >= dawg->count || !(dawg->units[node] & HAS_LEAF))
        return 0;
    uint32_t base = base_of(dawg, node);
    return base < dawg->count ? dawg->units[base] & ~LEAF : 0;
}

/* A step of a search, so that it ends in a damaged table. Whether it may go on. */
static int may_step(Work *work)
{
    if (++work->steps > MOST_STEPS)
        work->outcome |= LEFT;
    return !work->outcome;
}

/* Find the spellings that the letters from `start` on may have, the word's own before the others. A sound dictionary has a word for
   each level, so they are few. */
static void find_from(Work *work, const Dawg *dawg, Letters *word, size_t start, uint32_t node, SpeltWords *found)
{
    size_t place = found->count;
    if (!may_step(work))
        return;
    for (size_t letter = start; letter < word->length; letter++) {
        uint32_t dotted = word->units[letter] == YE ? follow_letter(dawg, node, YO) : 0;
        if (dotted) {
            word->units[letter] = YO;
            find_from(work, dawg, word, letter + 1, dotted, found);
            word->units[letter] = YE;
        }
        if ((node = follow_letter(dawg, node, word->units[letter])) == 0)
            return;
    }
    uint32_t values = child_of(dawg, node, WORD_END);
    if (!values)
        return;
    if (found->count == MOST_SPELT) {
        work->outcome |= LEFT;
        return;
    }
    memmove(found->items + place + 1, found->items + place, (found->count - place) * sizeof(Spelt));
    found->items[place].letters = *word;
    found->items[place].node = values;
    found->count++;
}

void find_similar(Work *work, const Dawg *dawg, const Letters *word, SpeltWords *found)
{
    Letters changed = *word;
    found->count = 0;
    find_from(work, dawg, &changed, 0, 0, found);
}

int has_similar(Work *work, const Dawg *dawg, const Letters *word)
{
    SpeltWords found;
    find_similar(work, dawg, word, &found);
    return found.count > 0;
}

static int sextet(uint8_t character)
{
    if (character >= 'A' && character <= 'Z')
        return character - 'A';
    if (character >= 'a' && character <= 'z')
        return character - 'a' + 26;
    if (character >= '0' && character <= '9')
        return character - '0' + 52;
    return character == '+' ? 62 : character == '/' ? 63 : -1;
}

static void put_value(Work *work, const uint8_t *characters, size_t length, size_t width)
{
    uint8_t bytes[LONGEST_VALUE] = {0};
    uint32_t bits = 0;
    size_t count = 0;
    for (size_t place = 0; place < length && characters[place] != '='; place++) {
        int six = sextet(characters[place]);
        if (six < 0)
            work->outcome |= LEFT;
        bits = bits << 6 | ((uint32_t)six & 63);
        if (place % 4)
            bytes[count++] = (uint8_t)(bits >> (6 - 2 * (place % 4)));
    }
    Value *values = with_room(work->values, &work->value_room, work->value_count, sizeof(Value));
    if (count != width || !values) {
        work->outcome |= values ? LEFT : OUT_OF_MEMORY;
        return;
    }
    work->values = values;
    const uint8_t *pair = width == 8 ? bytes + 4 : bytes;
    values[work->value_count++] = (Value){
        width == 8 ? (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3] : 0,
        (uint16_t)(pair[0] << 8 | pair[1]),
        (uint16_t)(pair[2] << 8 | pair[3]),
    };
}

/* Depth first, as the guide says. */
static void read_below(Work *work, const Dawg *dawg, uint32_t node, size_t width, uint8_t *characters, size_t depth)
{
    if (dawg->units[node] & HAS_LEAF)
        put_value(work, characters, depth, width);
    uint32_t base = base_of(dawg, node);
    for (uint8_t label = dawg->guide[2 * (size_t)node]; label && !work->outcome;) {
        uint32_t child = base ^ label;
        if (child >= dawg->count || depth == LONGEST_VALUE)
            work->outcome |= LEFT;
        if (!may_step(work))
            return;
        characters[depth] = label;
        read_below(work, dawg, child, width, characters, depth + 1);
        label = dawg->guide[2 * (size_t)child + 1];
    }
}

void read_values(Work *work, const Dawg *dawg, uint32_t node, size_t width)
{
    uint8_t characters[LONGEST_VALUE];
    work->value_count = 0;
    read_below(work, dawg, node, width, characters, 0);
}
