/* Documents that have all of the words. search/ranking/segment_match.py is the definition. */
#include "arms.h"
#include "hits.h"

/* Put the documents of a list among ascending documents. */
static Status unite(Numbers *docs, const List *list)
{
    Status status = make_room(docs, list->count);
    if (status)
        return status;
    uint32_t *items = docs->items;
    size_t left = docs->count, right = list->count, place = left + right;
    /* From the end, so that nothing is overwritten that is still needed. */
    while (right) {
        uint32_t doc = doc_of(list, right - 1);
        if (left && items[left - 1] > doc)
            items[--place] = items[--left];
        else {
            items[--place] = doc;
            right--;
        }
    }
    docs->count = without_repeats(items, docs->count + list->count);
    return FINE;
}

static Status docs_of_slot(const ArmAt *at, size_t count, Numbers *docs)
{
    Status status = FINE;
    for (size_t place = 0; place < count && !status; place++) {
        status = unite(docs, &at[place].stem);
        if (!status && !at[place].nested)
            status = unite(docs, &at[place].own);
    }
    return status;
}

size_t size_of_slot(const Slot *slot, size_t number)
{
    size_t size = 0;
    for (size_t place = 0; place < slot->count; place++) {
        const Part *part = &slot->arms[place].word->parts[number];
        size += part->stem.count + (part->same || (part->nested && part->stem.count) ? 0 : part->own.count);
    }
    return size;
}

/* The slots of a segment, the one with the fewest postings first. */
static void sort_slots(Search *search, size_t number)
{
    for (size_t place = 0; place < search->slot_count; place++) {
        Slot slot = search->slots[place];
        size_t at = place;
        slot.size = size_of_slot(&slot, number);
        for (; at && search->slots[at - 1].size > slot.size; at--)
            search->slots[at] = search->slots[at - 1];
        search->slots[at] = slot;
    }
}

static Status all_of(Search *search, size_t number, ArmAt *at)
{
    const Slot *slots = search->slots;
    Numbers docs = {NULL, 0, 0};
    Status status = FINE;
    sort_slots(search, number);
    if (!slots->size)
        return FINE;
    ArmAt *next = at;
    for (size_t place = 0; place < search->slot_count; place++)
        for (size_t arm = 0; arm < slots[place].count; arm++)
            start_arm(&slots[place].arms[arm], number, next++);
    const uint32_t doc_count = search->collection->segments[number]->doc_count;
    /* Mostly the rarest word is one list. Else its lists are put together. */
    int is_list = slots->count == 1 && (at->nested || !at->stem.count || !at->own.count);
    const List *list = at->stem.count ? &at->stem : &at->own;
    if (!is_list)
        status = docs_of_slot(at, slots->count, &docs);
    size_t count = is_list ? list->count : docs.count;
    for (size_t row = 0; row < count && !status; row++) {
        uint32_t doc = is_list ? doc_of(list, row) : docs.items[row];
        if (doc >= doc_count) {
            status = DAMAGED;
            break;
        }
        ArmAt *of_slot = at + slots->count;
        size_t place = 1;
        for (; place < search->slot_count && slot_has(of_slot, slots[place].count, doc); place++)
            of_slot += slots[place].count;
        if (place < search->slot_count)
            continue;
        slot_has(at, slots->count, doc);
        double score = 0;
        of_slot = at;
        for (place = 0; place < search->slot_count; place++) {
            score += slot_score(search, of_slot, slots[place].count, number, doc);
            of_slot += slots[place].count;
        }
        offer(search, number, doc, score);
    }
    PyMem_RawFree(docs.items);
    return status;
}

Status find_all(Search *search)
{
    Status status = FINE;
    size_t arms = 0;
    for (size_t place = 0; place < search->slot_count; place++)
        arms += search->slots[place].count;
    ArmAt *at = PyMem_RawMalloc((arms + 1) * sizeof(ArmAt));
    if (!at)
        return NO_MEMORY;
    for (size_t number = 0; number < search->collection->segment_count && !status; number++)
        status = all_of(search, number, at);
    PyMem_RawFree(at);
    return status;
}
