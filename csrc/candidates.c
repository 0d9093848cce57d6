/* Which words may have the same root as a word? search/bridges/derivation.py is the definition. */
#include "derivation.h"

enum { FIRST_RUSSIAN = 0xE0 };

/* By the last letters: candidates of a word mostly begin alike. */
static size_t slot_of(const Wanted *wanted, const uint8_t *word, size_t length)
{
    uint64_t last = 0;
    if (length > sizeof last) /* each ends with a line feed, which tells nothing */
        memcpy(&last, word + length - 1 - sizeof last, sizeof last);
    else
        memcpy(&last, word, length);
    return (size_t)((last ^ length) * 0x9E3779B97F4A7C15 >> 32) & (2 * wanted->room - 1);
}

static uint32_t *find_wanted(const Wanted *wanted, const uint8_t *word, size_t length)
{
    for (size_t slot = slot_of(wanted, word, length);; slot = (slot + 1) & (2 * wanted->room - 1)) {
        uint32_t number = wanted->slots[slot];
        if (!number)
            return &wanted->slots[slot];
        const uint32_t *start = &wanted->starts[number - 1];
        if (start[1] - start[0] == length && !memcmp(wanted->bytes + start[0], word, length))
            return &wanted->slots[slot];
    }
}

uint32_t number_of(const Wanted *wanted, const uint8_t *word, size_t length)
{
    return *find_wanted(wanted, word, length);
}

static Status grow(Wanted *wanted)
{
    size_t room = wanted->room ? 2 * wanted->room : 256;
    uint32_t *starts = PyMem_RawRealloc(wanted->starts, (room + 1) * sizeof(uint32_t));
    if (!starts)
        return NO_MEMORY;
    wanted->starts = starts;
    uint32_t *slots = PyMem_RawCalloc(2 * room, sizeof(uint32_t));
    if (!slots)
        return NO_MEMORY;
    PyMem_RawFree(wanted->slots);
    wanted->slots = slots;
    wanted->room = room;
    for (size_t number = 0; number < wanted->count; number++)
        *find_wanted(wanted, wanted->bytes + starts[number], starts[number + 1] - starts[number]) = (uint32_t)number + 1;
    if (!wanted->count)
        starts[0] = 0;
    return FINE;
}

/* Letters as tables have them. Gives the length, the line feed included. */
static size_t encoded(const uint8_t *letters, size_t count, uint8_t *bytes)
{
    size_t length = 0;
    for (size_t place = 0; place < count; place++)
        if (letters[place] < FIRST_RUSSIAN)
            bytes[length++] = letters[place];
        else {
            unsigned point = letters[place] - FIRST_RUSSIAN + 0x430u;
            bytes[length++] = (uint8_t)(0xC0 | point >> 6);
            bytes[length++] = (uint8_t)(0x80 | (point & 0x3F));
        }
    bytes[length++] = '\n';
    return length;
}

Status add_word(Wanted *wanted, const uint8_t *word, size_t length)
{
    if (wanted->count == wanted->room && grow(wanted))
        return NO_MEMORY;
    uint32_t *slot = find_wanted(wanted, word, length);
    if (*slot)
        return FINE;
    if (wanted->size + length > wanted->bytes_room) {
        size_t room = 2 * wanted->bytes_room + 4096;
        uint8_t *bytes = PyMem_RawRealloc(wanted->bytes, room);
        if (!bytes)
            return NO_MEMORY;
        wanted->bytes = bytes;
        wanted->bytes_room = room;
    }
    memcpy(wanted->bytes + wanted->size, word, length);
    wanted->size += length;
    wanted->starts[++wanted->count] = (uint32_t)wanted->size;
    *slot = (uint32_t)wanted->count;
    return FINE;
}

/* Add a word in letters if it is none of the strangers, which may be NULL. */
static Status add_letters(Wanted *wanted, const uint8_t *letters, size_t count, PyObject *strangers)
{
    uint8_t word[2 * (LONGEST + LONGEST_ENDING) + 1];
    size_t length = encoded(letters, count, word);
    for (Py_ssize_t place = 0; strangers && place < PyTuple_GET_SIZE(strangers); place++) {
        PyObject *stranger = PyTuple_GET_ITEM(strangers, place);
        if ((size_t)PyBytes_GET_SIZE(stranger) == length && !memcmp(PyBytes_AS_STRING(stranger), word, length))
            return FINE;
    }
    return add_word(wanted, word, length);
}

static int is_ended(const Language *language, const uint8_t *letters, size_t count)
{
    if (language->ended_by[letters[count - 1]])
        return 1;
    for (Py_ssize_t place = 0; place < PyTuple_GET_SIZE(language->ended); place++) {
        PyObject *ending = PyTuple_GET_ITEM(language->ended, place);
        size_t length = (size_t)PyBytes_GET_SIZE(ending);
        if (length > 1 && length <= count && letters[count - 1] == (uint8_t)PyBytes_AS_STRING(ending)[length - 1] && !memcmp(letters + count - length, PyBytes_AS_STRING(ending), length))
            return 1;
    }
    return 0;
}

/* The first of the lines in [low, high) whose letter at a place counted from the end is at least `letter`. A shorter ending has none. */
static size_t first_line(const Language *language, size_t low, size_t high, size_t back, unsigned letter)
{
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const Ending *ending = &language->lines[middle].ending;
        if (ending->length < back || ending->text[ending->length - back] < letter)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Add the words that a line of the table makes of a word, whose last letter before the ending is `letter` when it is not softened. */
static Status add_by_line(const Language *language, const Line *line, const uint8_t *word, size_t stem, uint8_t letter, Wanted *wanted,
                          PyObject *strangers)
{
    uint8_t made[LONGEST + LONGEST_ENDING];
    memcpy(made, word, stem);
    made[stem - 1] = letter;
    uint8_t soft = language->soft[letter] ? language->soft[letter] : letter;
    int ended = is_ended(language, made, stem);
    Status status = FINE;
    for (size_t place = line->first; place < line->first + line->count && !status; place++) {
        const Ending *other = &language->others[place];
        if (!other->length && ended)
            continue;
        made[stem - 1] = other->softens ? soft : letter;
        memcpy(made + stem, other->text, other->length);
        status = add_letters(wanted, made, stem + other->length, strangers);
    }
    return status;
}

/* Add the words that the lines of the table make of a word. */
static Status add_by_lines(const Language *language, const uint8_t *word, size_t length, Wanted *wanted, PyObject *strangers)
{
    size_t longest = language->longest < length - 2 ? language->longest : length - 2, low = 0, high = language->line_count;
    for (size_t cut = 0; cut <= longest; cut++) {
        size_t stem = length - cut;
        if (cut) { /* of the lines that end as the word does, those that have one letter more of it */
            low = first_line(language, low, high, cut, word[stem]);
            high = first_line(language, low, high, cut, word[stem] + 1u);
        }
        if (low == high)
            break;
        if (!cut && is_ended(language, word, length))
            continue;
        for (size_t number = low; number < high && language->lines[number].ending.length == cut; number++) {
            const Line *line = &language->lines[number];
            uint8_t last = word[stem - 1];
            if (stem < line->shortest)
                continue;
            /* What a softening line shows may be a letter that was softened; a letter that would be softened itself it is not. */
            if ((!line->ending.softens || !language->soft[last]) && add_by_line(language, line, word, stem, last, wanted, strangers))
                return NO_MEMORY;
            for (unsigned letter = 'a'; line->ending.softens && letter < 256; letter++)
                if (language->soft[letter] == last && add_by_line(language, line, word, stem, (uint8_t)letter, wanted, strangers))
                    return NO_MEMORY;
        }
    }
    return FINE;
}

/* The letters of a word of a language, as above; 0 for words that have no relatives. *russian: which language. */
static size_t letters_of(const uint8_t *word, size_t length, uint8_t *letters, int *russian)
{
    size_t width = word[0] >= 0x80 ? 2 : 1, count = length / width;
    *russian = width == 2;
    if (length % width || count < SHORTEST || count > LONGEST)
        return 0;
    for (size_t place = 0; place < count; place++) {
        if (width == 1) {
            if (word[place] < 'a' || word[place] > 'z')
                return 0;
            letters[place] = word[place];
        } else {
            unsigned first = word[2 * place], point = (first & 0x1Fu) << 6 | (word[2 * place + 1] & 0x3Fu);
            if ((first != 0xD0 && first != 0xD1) || point < 0x430 || point > 0x44F)
                return 0;
            letters[place] = (uint8_t)(point - 0x430 + FIRST_RUSSIAN);
        }
    }
    return count;
}

Status add_candidates(const Derivation *tables, PyObject *key, Wanted *wanted)
{
    uint8_t word[LONGEST_STRING + 1], letters[LONGEST];
    int russian;
    size_t length;
    if (table_string(key, word, &length))
        return NO_MEMORY;
    size_t count = length > 1 ? letters_of(word, length - 1, letters, &russian) : 0;
    if (!count)
        return FINE;
    const Language *language = &tables->languages[russian];
    PyObject *strangers = PyDict_GetItemWithError(language->strangers, key);
    Status status = add_by_lines(language, letters, count, wanted, strangers);
    PyObject *family = PyDict_GetItemWithError(language->families, key);
    for (Py_ssize_t place = 0; family && !status && place < PyTuple_GET_SIZE(family); place++) {
        PyObject *other = PyTuple_GET_ITEM(family, place);
        if (!strangers || !PySequence_Contains(strangers, other))
            status = add_word(wanted, (const uint8_t *)PyBytes_AS_STRING(other), (size_t)PyBytes_GET_SIZE(other));
    }
    return status;
}
