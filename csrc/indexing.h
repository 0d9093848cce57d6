/* What the files of the core share that help to index. They read no files: what they are given was made by this process. */
#ifndef NAIDI_INDEXING_H
#define NAIDI_INDEXING_H

#include "core.h"

PyObject *core_pack(PyObject *module, PyObject *args);
PyObject *core_unpack(PyObject *module, PyObject *args);
extern PyTypeObject NumbersType;

/* -- texts */

/* The code points of a str. The str must be held meanwhile. */
typedef struct {
    const void *data;
    int width; /* bytes of a code point: 1, 2 or 4 */
    size_t count;
} Text;

/* -1 with an exception if the object is no str. */
int as_text(PyObject *object, Text *text);

/* -- characters */

/* What a character is for the tokenizer, as bits; analysis/bulk/characters.py makes the table from its patterns. */
enum {
    PART_OF_WORD = 1,
    LATIN = 2,    /* a letter from a to z or A to Z */
    CYRILLIC = 4, /* one of the Russian alphabet */
    CAPITAL = 8,  /* of these two alphabets */
    ODD = 16,     /* part of a word whose form is not the word in small letters */
    MARK = 32,    /* may be a mark of a name such as C++: no part of a word as a rule */
    BEFORE_PLUSES = 64,
    BEFORE_HASH = 128,
};

/* Tables over the first 65,536 code points. */
typedef struct {
    const uint8_t *kinds;
    const uint16_t *small; /* the small letter of each capital of the two alphabets; other characters as they are */
} Characters;

static inline unsigned kind_of(const Characters *characters, uint32_t character)
{
    if (character < 0x10000)
        return characters->kinds[character];
    return Py_UNICODE_ISALNUM(character) ? PART_OF_WORD | ODD : 0;
}

/* Whether a text may have a headline in capitals: a line without small letters, and with two capitals side by side. */
int may_have_headline(const Characters *characters, const Text *text);
/* How many characters from a MARK on belong to the name of which it is a part (C++, C#, .NET); 0 if it is no mark of a name. */
size_t mark_of_name(const Characters *characters, const Text *text, size_t place);

/* -- spellings: a hash table of words, as UTF-16 */

enum { LONGEST_SPELLING = 512, HASHED_AT_ONCE = 4 };
#define NO_NUMBER UINT32_MAX

typedef struct {
    uint32_t hash, number, offset; /* NO_NUMBER: the slot is free */
    uint16_t length;
} Spelling;

typedef struct {
    Spelling *slots;
    size_t room, count; /* room: a power of 2 */
    uint16_t *units;
    size_t unit_count, unit_room;
    uint64_t seeds[2]; /* random: nobody can write a text whose words all fall into one slot */
} Spellings;

Status make_spellings(Spellings *spellings, const uint64_t *seeds);
void free_spellings(Spellings *spellings);
/* Add a spelling that is not there. */
Status add_spelling(Spellings *spellings, uint32_t hash, const uint16_t *units, size_t length, uint32_t number);

/* There must be HASHED_AT_ONCE units more, which are set to 0. */
static inline uint32_t hash_of(const Spellings *spellings, uint16_t *units, size_t length)
{
    uint64_t hash = spellings->seeds[0] ^ length;
    memset(units + length, 0, HASHED_AT_ONCE * sizeof(uint16_t));
    for (size_t place = 0; place < length; place += HASHED_AT_ONCE) {
        uint64_t some;
        memcpy(&some, units + place, sizeof(some));
        hash = (hash ^ some) * spellings->seeds[1];
        hash ^= hash >> 32;
    }
    return (uint32_t)(hash ^ hash >> 29);
}

static inline Spelling *slot_of(const Spellings *spellings, uint32_t hash)
{
    return &spellings->slots[hash & (spellings->room - 1)];
}

/* Where a spelling is, or the free slot where it would be. */
static inline Spelling *find_spelling(const Spellings *spellings, uint32_t hash, const uint16_t *units, size_t length)
{
    for (Spelling *slot = slot_of(spellings, hash);;) {
        if (slot->number == NO_NUMBER
            || (slot->hash == hash && slot->length == length
                && !memcmp(spellings->units + slot->offset, units, length * sizeof(uint16_t))))
            return slot;
        if (++slot == spellings->slots + spellings->room)
            slot = spellings->slots;
    }
}

/* -- types and functions of the module */

extern PyTypeObject NumberingType;
extern PyTypeObject CommonWordsType;
PyObject *core_invert(PyObject *module, PyObject *args);

#endif
