/* A hash table of words. Nothing is ever taken out of it. */
#include "indexing.h"

enum { FIRST_SLOTS = 1 << 14, FIRST_UNITS = 1 << 16, MOST_SPELLINGS = 1 << 29 };

static Spelling *free_slots(size_t room)
{
    Spelling *slots = room <= SIZE_MAX / sizeof(Spelling) ? PyMem_RawMalloc(room * sizeof(Spelling)) : NULL;
    for (size_t place = 0; slots && place < room; place++)
        slots[place].number = NO_NUMBER;
    return slots;
}

Status make_spellings(Spellings *spellings, const uint64_t *seeds)
{
    memset(spellings, 0, sizeof(*spellings));
    spellings->seeds[0] = seeds[0];
    spellings->seeds[1] = seeds[1] | 1;
    spellings->room = FIRST_SLOTS;
    spellings->slots = free_slots(FIRST_SLOTS);
    spellings->unit_room = FIRST_UNITS;
    spellings->units = PyMem_RawMalloc(FIRST_UNITS * sizeof(uint16_t));
    if (spellings->slots && spellings->units)
        return FINE;
    free_spellings(spellings);
    return NO_MEMORY;
}

void free_spellings(Spellings *spellings)
{
    PyMem_RawFree(spellings->slots);
    PyMem_RawFree(spellings->units);
    memset(spellings, 0, sizeof(*spellings));
}

static Status double_slots(Spellings *spellings)
{
    size_t room = 2 * spellings->room;
    Spelling *slots = free_slots(room);
    if (!slots)
        return NO_MEMORY;
    for (size_t place = 0; place < spellings->room; place++) {
        Spelling *old = &spellings->slots[place];
        if (old->number == NO_NUMBER)
            continue;
        size_t to = old->hash & (room - 1);
        while (slots[to].number != NO_NUMBER)
            to = (to + 1) & (room - 1);
        slots[to] = *old;
    }
    PyMem_RawFree(spellings->slots);
    spellings->slots = slots;
    spellings->room = room;
    return FINE;
}

static Status make_unit_room(Spellings *spellings, size_t more)
{
    if (spellings->unit_room - spellings->unit_count >= more)
        return FINE;
    size_t room = 2 * spellings->unit_room + more;
    uint16_t *units = room <= UINT32_MAX ? PyMem_RawRealloc(spellings->units, room * sizeof(uint16_t)) : NULL;
    if (!units)
        return NO_MEMORY;
    spellings->units = units;
    spellings->unit_room = room;
    return FINE;
}

Status add_spelling(Spellings *spellings, uint32_t hash, const uint16_t *units, size_t length, uint32_t number)
{
    if (spellings->count >= MOST_SPELLINGS || make_unit_room(spellings, length))
        return NO_MEMORY;
    if (2 * (spellings->count + 1) > spellings->room && double_slots(spellings))
        return NO_MEMORY;
    Spelling *slot = find_spelling(spellings, hash, units, length);
    *slot = (Spelling){hash, number, (uint32_t)spellings->unit_count, (uint16_t)length};
    memcpy(spellings->units + spellings->unit_count, units, length * sizeof(uint16_t));
    spellings->unit_count += length;
    spellings->count++;
    return FINE;
}
