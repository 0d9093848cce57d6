/* Documents that have any of the words. search/ranking/segment_match.py is the definition.

   Documents are looked at window after window, so that their sums stay in the cache. If nobody wants to know how many there are, what
   cannot be among the best is passed over, in two ways (Turtle and Flood, "Query evaluation: strategies and optimizations", 1995):

   - A posting whose score, with the most that all other words add, stays below the worst of the hits so far. impact_bounds.c tells
     what it adds at most without a division.
   - In a window, words whose scores all together stay below the worst hit. They are looked up in the documents of the other words.

   Proof that no hit is lost: a bound is never too low. So a document of which a posting was passed over, or that has put-off words
   alone, stays below the worst hit, and its sum, which may be too low, does not count. SLACK is for sums in another order and for
   floats. All other documents get the sum of all their words in the order of the query. So scores are equal bit by bit. */
#include "arms.h"
#include "hits.h"

/* Documents of the first windows and of later ones. The first are small: before there are enough hits, nothing is passed over. */
enum { FIRST_WINDOW = 256, WINDOW = 4096, BITS = 64 };
/* To look for a document in all lists takes as long as to score so many postings. */
enum { POSTINGS_A_LOOKUP = 16 };
#define SLACK (1 + 1e-5)

struct Scratch {
    double sums[WINDOW], greatest[WINDOW]; /* 0 between windows */
    uint64_t summed[WINDOW / BITS], compared[WINDOW / BITS]; /* the documents that have one */
};

/* The lists of an arm: the longer one first, the other one empty if there is one list. What is in `shared` is in one of them. */
typedef struct {
    List outer, inner, shared;
    double outer_weight, inner_weight, shared_weight;
    size_t outer_row, inner_row, shared_row;
} ArmLists;

typedef struct {
    const Slot *slot;
    ArmLists *arms;
    ArmAt *at;
    size_t postings;
    double most;   /* its greatest score, at least */
    double beside; /* what the others add at most */
    int is_put_off;
} SlotLists;

typedef struct {
    Search *search;
    Scratch *scratch;
    size_t number; /* of the segment */
    SlotLists *slots;
    ArmLists *arms;
    ArmAt *at;
    uint32_t base, size; /* the window */
    int is_bounded;
    double worst; /* the score of the worst hit; below 0 until there are enough, or if all documents are wanted */
} AnySearch;

Scratch *new_scratch(void) { return PyMem_RawCalloc(1, sizeof(Scratch)); }

void free_scratch(Scratch *scratch) { PyMem_RawFree(scratch); }

/* -- one list */

enum Step { ADD, COMPARE, OFFER };

typedef struct {
    AnySearch *any;
    enum Step step;
    float needed; /* less than that is passed over */
    const Segment *segment;
    const double *norms;
} Taking;

static inline void renew_worst(AnySearch *any)
{
    const Search *search = any->search;
    if (any->is_bounded && search->hit_count == search->room)
        any->worst = search->hits[0].score;
}

static inline void offer_in(AnySearch *any, uint32_t doc, double score)
{
    offer(any->search, any->number, doc, score);
    renew_worst(any);
}

/* Take the score of a document by a word: add it, keep the greatest, or offer it. */
INLINED void take(Taking *taking, uint32_t place, double score, const enum Step step)
{
    AnySearch *any = taking->any;
    Scratch *scratch = any->scratch;
    uint64_t bit = (uint64_t)1 << place % BITS;
    if (step == ADD) {
        scratch->sums[place] += score;
        scratch->summed[place / BITS] |= bit;
    } else if (step == COMPARE) {
        scratch->greatest[place] = score > scratch->greatest[place] ? score : scratch->greatest[place];
        scratch->compared[place / BITS] |= bit;
    } else {
        offer_in(any, any->base + place, score);
        taking->needed = (float)(any->worst / SLACK);
    }
}

INLINED float most_in(const Taking *taking, uint32_t doc, uint8_t code)
{
    return most_impact(taking->any->search->collection, taking->any->number, doc, code);
}

INLINED double impact_in(const Taking *taking, uint32_t doc, uint8_t code)
{
    return impact_of(taking->any->search->collection, taking->segment, taking->norms, doc, code);
}

/* The code of a document of the window among the shared postings; -1 if it is not there. Documents come in their order. */
INLINED int shared_code(ArmLists *arm, uint32_t doc)
{
    if (!arm->shared.count)
        return -1;
    arm->shared_row = seek_doc(&arm->shared, arm->shared_row, doc);
    return arm->shared_row < arm->shared.count && doc_of(&arm->shared, arm->shared_row) == doc ? arm->shared.codes[arm->shared_row] : -1;
}

/* Score the documents of the window that an arm has. A document in several lists is taken once, with all scores. */
INLINED void score_lists(Taking *taking, ArmLists *arm, const int width, const int is_bounded, const enum Step step)
{
    const uint32_t base = taking->any->base, size = taking->any->size;
    const List *outer = &arm->outer, *inner = &arm->inner;
    const double outer_weight = arm->outer_weight, inner_weight = arm->inner_weight;
    size_t row = arm->outer_row, inner_row = arm->inner_row;
    uint32_t next = inner_row < inner->count ? doc_of(inner, inner_row) - base : UINT32_MAX;
    for (;;) {
        /* In a damaged file a document may lie before the window. It ends the list, as one behind the window does. */
        uint32_t place = row < outer->count ? (uint32_t)number_at(outer->docs, width, row) - base : UINT32_MAX;
        uint32_t end = place < size ? place : size;
        while (next < end) {
            uint8_t code = inner->codes[inner_row];
            int shared = shared_code(arm, base + next);
            float most = is_bounded ? (float)inner_weight * most_in(taking, base + next, code) : 0;
            if (is_bounded && shared >= 0)
                most += (float)arm->shared_weight * most_in(taking, base + next, (uint8_t)shared);
            if (!is_bounded || most >= taking->needed) {
                double score = inner_weight * impact_in(taking, base + next, code);
                if (shared >= 0)
                    score += arm->shared_weight * impact_in(taking, base + next, (uint8_t)shared);
                take(taking, next, score, step);
            }
            next = ++inner_row < inner->count ? doc_of(inner, inner_row) - base : UINT32_MAX;
        }
        if (place >= size)
            break;
        uint8_t code = outer->codes[row], inner_code = 0;
        int in_both = next == place;
        row++;
        if (in_both) {
            inner_code = inner->codes[inner_row];
            next = ++inner_row < inner->count ? doc_of(inner, inner_row) - base : UINT32_MAX;
        }
        uint32_t doc = base + place;
        int shared = shared_code(arm, doc);
        if (is_bounded) {
            float most = (float)outer_weight * most_in(taking, doc, code);
            if (in_both)
                most += (float)inner_weight * most_in(taking, doc, inner_code);
            if (shared >= 0)
                most += (float)arm->shared_weight * most_in(taking, doc, (uint8_t)shared);
            if (most < taking->needed)
                continue;
        }
        double impact = impact_in(taking, doc, code), score = outer_weight * impact;
        if (in_both)
            score += inner_weight * (inner_code == code ? impact : impact_in(taking, doc, inner_code));
        if (shared >= 0)
            score += arm->shared_weight * (shared == code ? impact : impact_in(taking, doc, (uint8_t)shared));
        take(taking, place, score, step);
    }
    arm->outer_row = row;
    arm->inner_row = inner_row;
}

#define FOR_WIDTH(is_bounded, step)                                                                                            \
    switch (arm->outer.width) {                                                                                                \
    case 1:                                                                                                                    \
        score_lists(taking, arm, 1, is_bounded, step);                                                                         \
        break;                                                                                                                 \
    case 2:                                                                                                                    \
        score_lists(taking, arm, 2, is_bounded, step);                                                                         \
        break;                                                                                                                 \
    default:                                                                                                                   \
        score_lists(taking, arm, 4, is_bounded, step);                                                                         \
    }

NOT_INLINED static void add_arm(Taking *taking, ArmLists *arm) { FOR_WIDTH(0, ADD) }
NOT_INLINED static void add_bounded_arm(Taking *taking, ArmLists *arm) { FOR_WIDTH(1, ADD) }
NOT_INLINED static void compare_arm(Taking *taking, ArmLists *arm) { FOR_WIDTH(1, COMPARE) }
NOT_INLINED static void offer_arm(Taking *taking, ArmLists *arm) { FOR_WIDTH(0, OFFER) }
NOT_INLINED static void offer_bounded_arm(Taking *taking, ArmLists *arm) { FOR_WIDTH(1, OFFER) }

static Taking taking_of(AnySearch *any, const SlotLists *slot)
{
    const Collection *collection = any->search->collection;
    double needed = any->worst > 0 ? (any->worst / SLACK - slot->beside) / SLACK : -1;
    return (Taking){.any = any, .needed = (float)needed, .segment = collection->segments[any->number], .norms = collection->norms[any->number]};
}

static inline unsigned number_of_lowest(uint64_t bits)
{
#if defined(__GNUC__)
    return (unsigned)__builtin_ctzll(bits);
#else
    unsigned number = 0;
    for (; !(bits & 1); bits >>= 1)
        number++;
    return number;
#endif
}

static void add_slot(AnySearch *any, SlotLists *slot)
{
    Taking taking = taking_of(any, slot);
    Scratch *scratch = any->scratch;
    if (slot->slot->count == 1) {
        (taking.needed > 0 ? add_bounded_arm : add_arm)(&taking, slot->arms);
        return;
    }
    for (size_t place = 0; place < slot->slot->count; place++)
        compare_arm(&taking, &slot->arms[place]);
    for (size_t word = 0; word < WINDOW / BITS; word++) {
        for (uint64_t left = scratch->compared[word]; left; left &= left - 1) {
            size_t place = BITS * word + number_of_lowest(left);
            scratch->sums[place] += scratch->greatest[place];
            scratch->greatest[place] = 0;
        }
        scratch->summed[word] |= scratch->compared[word];
        scratch->compared[word] = 0;
    }
}

/* -- windows */

/* Score a document in all words, in the order of the query. */
static void score_doc(AnySearch *any, uint32_t doc)
{
    double score = 0;
    for (size_t place = 0; place < any->search->slot_count; place++) {
        const SlotLists *slot = &any->slots[place];
        if (slot_has(slot->at, slot->slot->count, doc))
            score += slot_score(any->search, slot->at, slot->slot->count, any->number, doc);
    }
    offer_in(any, doc, score);
}

/* How many documents of the window may be among the best if `more` is added to their sums. The others are forgotten. */
static size_t keep_possible(AnySearch *any, double more)
{
    Scratch *scratch = any->scratch;
    size_t kept = 0;
    for (size_t word = 0; word < WINDOW / BITS; word++)
        for (uint64_t left = scratch->summed[word]; left; left &= left - 1) {
            size_t place = BITS * word + number_of_lowest(left);
            if ((scratch->sums[place] + more) * SLACK >= any->worst)
                kept++;
            else {
                scratch->sums[place] = 0;
                scratch->summed[word] &= ~((uint64_t)1 << place % BITS);
            }
        }
    return kept;
}

/* Offer the documents of the window. are_exact: whether their sums are their scores; else these are `more` greater at most. */
static void offer_window(AnySearch *any, int are_exact, double more)
{
    Scratch *scratch = any->scratch;
    for (size_t word = 0; word < WINDOW / BITS; word++) {
        for (uint64_t left = scratch->summed[word]; left; left &= left - 1) {
            size_t place = BITS * word + number_of_lowest(left);
            uint32_t doc = any->base + (uint32_t)place;
            if (are_exact)
                offer_in(any, doc, scratch->sums[place]);
            else if ((scratch->sums[place] + more) * SLACK >= any->worst)
                score_doc(any, doc);
            scratch->sums[place] = 0;
        }
        scratch->summed[word] = 0;
    }
}

/* Choose the slots that need not be looked at for new documents, those of most postings first. Gives what they add at most. */
static double put_off_slots(AnySearch *any, size_t *postings)
{
    const size_t count = any->search->slot_count;
    double more = 0;
    *postings = 0;
    for (size_t place = 0; place < count; place++)
        any->slots[place].is_put_off = 0;
    while (any->worst > 0 && count > 1) {
        SlotLists *longest = NULL;
        for (size_t place = 0; place < count; place++) {
            SlotLists *slot = &any->slots[place];
            if (!slot->is_put_off && (more + slot->most) * SLACK < any->worst && (!longest || slot->postings > longest->postings))
                longest = slot;
        }
        if (!longest)
            break;
        longest->is_put_off = 1;
        more += longest->most;
        *postings += longest->postings;
    }
    return more;
}

static void find_in_window(AnySearch *any)
{
    const Search *search = any->search;
    if (search->slot_count == 1 && search->slots->count == 1) {
        Taking taking = taking_of(any, any->slots);
        (any->is_bounded ? offer_bounded_arm : offer_arm)(&taking, any->arms);
        return;
    }
    size_t put_off;
    double more = put_off_slots(any, &put_off);
    for (size_t place = 0; place < search->slot_count; place++)
        if (!any->slots[place].is_put_off)
            add_slot(any, &any->slots[place]);
    int are_exact = !put_off;
    if (put_off && keep_possible(any, more) * POSTINGS_A_LOOKUP > put_off * any->size / search->collection->segments[any->number]->doc_count) {
        more = 0; /* it is quicker to add them; the sums are then in another order */
        for (size_t place = 0; place < search->slot_count; place++)
            if (any->slots[place].is_put_off)
                add_slot(any, &any->slots[place]);
    }
    offer_window(any, are_exact, more);
}

/* -- segments */

static void start_lists(const Arm *arm, size_t number, ArmLists *lists)
{
    const Part *part = &arm->word->parts[number];
    *lists = (ArmLists){.inner = {NULL, NULL, 4, 0}, .shared = part->shared};
    lists->shared_weight = arm->factor * arm->word->shared_weight;
    lists->inner_weight = arm->factor * arm->word->own_weight;
    lists->outer_weight = arm->factor * arm->word->stem_weight;
    if (part->same)
        lists->outer_weight += lists->inner_weight;
    else if (part->stem.count)
        lists->inner = part->own;
    else
        lists->outer_weight = lists->inner_weight;
    lists->outer = part->stem.count ? part->stem : part->own;
}

/* The greatest score of a list, at least. */
static double most_of_list(const Collection *collection, const List *list, double weight)
{
    unsigned freq = 0, titles = 0;
    for (size_t row = 0; row < list->count; row++) {
        unsigned own_freq = list->codes[row] & (MAX_EXACT_FREQ - 1), own_titles = list->codes[row] >> 6;
        freq = own_freq > freq ? own_freq : freq;
        titles = own_titles > titles ? own_titles : titles;
    }
    return list->count ? weight * (double)(collection->most_impacts[freq * LEVELS] + collection->most_of_titles[titles * TITLE_LEVELS]) : 0;
}

static void start_segment(AnySearch *any)
{
    const Search *search = any->search;
    ArmLists *arm = any->arms;
    ArmAt *at = any->at;
    double all = 0;
    for (size_t place = 0; place < search->slot_count; place++) {
        SlotLists *slot = &any->slots[place];
        *slot = (SlotLists){.slot = &search->slots[place], .arms = arm, .at = at, .postings = size_of_slot(&search->slots[place], any->number)};
        for (size_t number = 0; number < slot->slot->count; number++, arm++, at++) {
            start_lists(&slot->slot->arms[number], any->number, arm);
            start_arm(&slot->slot->arms[number], any->number, at);
            if (!any->is_bounded || search->slot_count == 1)
                continue; /* the bound of a slot is for what stands beside it */
            double most = most_of_list(search->collection, &arm->outer, arm->outer_weight);
            most += most_of_list(search->collection, &arm->inner, arm->inner_weight);
            most += most_of_list(search->collection, &arm->shared, arm->shared_weight);
            slot->most = most > slot->most ? most : slot->most;
        }
        all += slot->most;
    }
    for (size_t place = 0; place < search->slot_count; place++)
        any->slots[place].beside = all - any->slots[place].most;
}

/* The first document of a list from `from` on, if it is less than `next`. */
static Status next_in(const List *list, size_t *row, uint32_t from, uint32_t doc_count, uint32_t *next)
{
    *row = seek_doc(list, *row, from);
    if (*row == list->count)
        return FINE;
    uint32_t doc = doc_of(list, *row);
    if (doc < from || doc >= doc_count)
        return DAMAGED;
    *next = doc < *next ? doc : *next;
    return FINE;
}

/* Begin the next window at the first document from `from` on. All lists are moved there. */
static Status next_window(AnySearch *any, uint32_t from)
{
    const uint32_t doc_count = any->search->collection->segments[any->number]->doc_count;
    Status status = FINE;
    any->base = doc_count;
    for (size_t place = 0; place < any->search->slot_count && !status; place++) {
        SlotLists *slot = &any->slots[place];
        for (size_t number = 0; number < slot->slot->count && !status; number++) {
            ArmLists *arm = &slot->arms[number];
            status = next_in(&arm->outer, &arm->outer_row, from, doc_count, &any->base);
            if (!status)
                status = next_in(&arm->inner, &arm->inner_row, from, doc_count, &any->base);
        }
    }
    return status;
}

static Status any_of(AnySearch *any)
{
    const uint32_t doc_count = any->search->collection->segments[any->number]->doc_count;
    uint32_t size = FIRST_WINDOW;
    start_segment(any);
    Status status = next_window(any, 0);
    while (!status && any->base < doc_count) {
        any->size = size < doc_count - any->base ? size : doc_count - any->base;
        find_in_window(any);
        status = next_window(any, any->base + any->size);
        size = 2 * size < WINDOW ? 2 * size : WINDOW;
    }
    return status;
}

Status find_any(Search *search)
{
    size_t arms = 0;
    for (size_t place = 0; place < search->slot_count; place++)
        arms += search->slots[place].count;
    AnySearch any = {.search = search, .scratch = search->scratch, .worst = -1};
    any.is_bounded = !search->counts && search->room && search->postings >= (size_t)search->collection->fewest_bounded;
    any.slots = PyMem_RawMalloc((search->slot_count + 1) * sizeof(SlotLists));
    any.arms = PyMem_RawMalloc((arms + 1) * sizeof(ArmLists));
    any.at = PyMem_RawMalloc((arms + 1) * sizeof(ArmAt));
    Status status = any.slots && any.arms && any.at ? FINE : NO_MEMORY;
    for (; !status && any.number < search->collection->segment_count; any.number++)
        status = any_of(&any);
    PyMem_RawFree(any.slots);
    PyMem_RawFree(any.arms);
    PyMem_RawFree(any.at);
    return status;
}
