/* Forms of words of a query, and which word each answers. */
#include "finder.h"

static uint32_t hash_of(const Py_UCS2 *letters, size_t length)
{
    uint32_t hash = 2166136261u;
    for (size_t place = 0; place < length; place++)
        hash = (hash ^ letters[place]) * 16777619u;
    return hash ^ hash >> 15;
}

/* The slot of a form, or the free one where it belongs. */
static Answer *slot_of(const Answers *answers, const Py_UCS2 *letters, size_t length)
{
    size_t place = hash_of(letters, length) & (answers->size - 1);
    for (;; place = (place + 1) & (answers->size - 1)) {
        Answer *slot = &answers->slots[place];
        if (!slot->length
            || (slot->length == length && !memcmp(answers->letters + slot->start, letters, length * sizeof *letters)))
            return slot;
    }
}

const Answer *answer_of(const Answers *answers, const Py_UCS2 *letters, size_t length)
{
    const Answer *slot = answers->size && length ? slot_of(answers, letters, length) : NULL;
    return slot && slot->length ? slot : NULL;
}

static int grow_slots(Answers *answers)
{
    Answers larger = *answers;
    larger.size = answers->size ? 2 * answers->size : 64;
    larger.slots = PyMem_RawCalloc(larger.size, sizeof(Answer));
    if (!larger.slots)
        return -1;
    for (size_t place = 0; place < answers->size; place++) {
        const Answer *slot = &answers->slots[place];
        if (slot->length)
            *slot_of(&larger, answers->letters + slot->start, slot->length) = *slot;
    }
    PyMem_RawFree(answers->slots);
    *answers = larger;
    return 0;
}

static int grow_letters(Answers *answers, size_t more)
{
    if (answers->letter_count + more <= answers->letter_room)
        return 0;
    size_t room = 2 * answers->letter_room + more + 256;
    Py_UCS2 *letters = PyMem_RawRealloc(answers->letters, room * sizeof *letters);
    if (!letters)
        return -1;
    answers->letters = letters;
    answers->letter_room = room;
    return 0;
}

int add_answer(Answers *answers, const Py_UCS2 *letters, size_t length, Mask mask)
{
    if ((2 * answers->count >= answers->size && grow_slots(answers) < 0) || grow_letters(answers, length) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    Answer *slot = slot_of(answers, letters, length);
    if (slot->length)
        return 0;
    memcpy(answers->letters + answers->letter_count, letters, length * sizeof *letters);
    *slot = (Answer){(uint32_t)answers->letter_count, (uint32_t)length, mask, {0, 0}};
    answers->letter_count += length;
    answers->count++;
    return 1;
}

int add_part(Answers *answers, const Py_UCS2 *letters, size_t length, size_t part)
{
    if (add_answer(answers, letters, length, (Mask){0, 0}) < 0)
        return -1;
    Answer *slot = slot_of(answers, letters, length);
    int is_new = !holds(slot->parts, part);
    slot->parts = both(slot->parts, mask_of(part));
    return is_new;
}

void free_answers(Answers *answers)
{
    PyMem_RawFree(answers->letters);
    PyMem_RawFree(answers->slots);
    *answers = (Answers){0};
}
