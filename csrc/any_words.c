/* Documents that have any of the words. search/ranking/segment_match.py is the definition. */
#include "hits.h"
#include "impact.h"

Scratch *new_scratch(size_t docs)
{
    Scratch *scratch = PyMem_RawCalloc(1, sizeof(Scratch));
    if (!scratch)
        return NULL;
    scratch->sums = PyMem_RawMalloc((docs + 1) * sizeof(double));
    scratch->greatest = PyMem_RawMalloc((docs + 1) * sizeof(double));
    scratch->summed = PyMem_RawMalloc((docs + 1) * sizeof(uint32_t));
    scratch->compared = PyMem_RawMalloc((docs + 1) * sizeof(uint32_t));
    if (!scratch->sums || !scratch->greatest || !scratch->summed || !scratch->compared) {
        free_scratch(scratch);
        return NULL;
    }
    for (size_t doc = 0; doc <= docs; doc++)
        scratch->sums[doc] = scratch->greatest[doc] = -1;
    return scratch;
}

void free_scratch(Scratch *scratch)
{
    if (!scratch)
        return;
    PyMem_RawFree(scratch->sums);
    PyMem_RawFree(scratch->greatest);
    PyMem_RawFree(scratch->summed);
    PyMem_RawFree(scratch->compared);
    PyMem_RawFree(scratch);
}

enum Step { ADD, COMPARE, OFFER };

/* Take the score of a document by a word: add it, keep the greatest, or offer it. */
INLINED void take(Search *search, size_t number, uint32_t doc, double score, size_t *count, const enum Step step)
{
    if (step == OFFER) {
        offer(search, number, doc, score);
        return;
    }
    double *scores = step == ADD ? search->scratch->sums : search->scratch->greatest;
    uint32_t *docs = step == ADD ? search->scratch->summed : search->scratch->compared;
    double before = scores[doc];
    docs[*count] = doc; /* there is room for one more than there are documents */
    *count += before < 0;
    if (step == ADD)
        scores[doc] = (before < 0 ? 0 : before) + score;
    else if (before < score)
        scores[doc] = score;
}

/* Score all documents of a word. `inner` may be empty; a document in both lists is taken once, with both scores. */
INLINED Status score_lists(Search *search, size_t number, const List *outer, double outer_weight, const List *inner,
                           double inner_weight, size_t *count, const int width, const enum Step step)
{
    const Collection *collection = search->collection;
    const Segment *segment = collection->segments[number];
    const double *norms = collection->norms[number];
    const uint32_t doc_count = segment->doc_count;
    size_t inner_row = 0, taken = *count;
    uint64_t next = inner->count ? doc_of(inner, 0) : UINT64_MAX;
    for (size_t row = 0; row < outer->count; row++) {
        uint32_t doc = (uint32_t)number_at(outer->docs, width, row);
        if (doc >= doc_count) {
            *count = taken;
            return DAMAGED;
        }
        while (next < doc) {
            take(search, number, (uint32_t)next, inner_weight * impact_of(collection, segment, norms, (uint32_t)next, inner->codes[inner_row]), &taken, step);
            next = ++inner_row < inner->count ? doc_of(inner, inner_row) : UINT64_MAX;
        }
        double impact = impact_of(collection, segment, norms, doc, outer->codes[row]), score = outer_weight * impact;
        if (next == doc) {
            uint8_t code = inner->codes[inner_row];
            score += inner_weight * (code == outer->codes[row] ? impact : impact_of(collection, segment, norms, doc, code));
            next = ++inner_row < inner->count ? doc_of(inner, inner_row) : UINT64_MAX;
        }
        take(search, number, doc, score, &taken, step);
    }
    for (; inner_row < inner->count; inner_row++) {
        uint32_t doc = doc_of(inner, inner_row);
        if (doc >= doc_count) {
            *count = taken;
            return DAMAGED;
        }
        take(search, number, doc, inner_weight * impact_of(collection, segment, norms, doc, inner->codes[inner_row]), &taken, step);
    }
    *count = taken;
    return FINE;
}

/* The lists of a word in a segment with their weights: the longer one first, the other one empty if there is one list. */
static void lists_of(const Arm *arm, size_t number, List *outer, double *outer_weight, List *inner, double *inner_weight)
{
    const Part *part = &arm->word->parts[number];
    *inner = (List){NULL, NULL, 4, 0};
    *inner_weight = arm->factor * arm->word->own_weight;
    *outer_weight = arm->factor * arm->word->stem_weight;
    if (part->same)
        *outer_weight += *inner_weight;
    else if (part->stem.count)
        *inner = part->own;
    else
        *outer_weight = *inner_weight;
    *outer = part->stem.count ? part->stem : part->own;
}

INLINED Status score_arm(Search *search, const Arm *arm, size_t number, size_t *count, const enum Step step)
{
    List outer, inner;
    double outer_weight, inner_weight;
    lists_of(arm, number, &outer, &outer_weight, &inner, &inner_weight);
    switch (outer.width) {
    case 1:
        return score_lists(search, number, &outer, outer_weight, &inner, inner_weight, count, 1, step);
    case 2:
        return score_lists(search, number, &outer, outer_weight, &inner, inner_weight, count, 2, step);
    default:
        return score_lists(search, number, &outer, outer_weight, &inner, inner_weight, count, 4, step);
    }
}

static Status add_slot(Search *search, const Slot *slot, size_t number)
{
    if (slot->count == 1)
        return score_arm(search, slot->arms, number, &search->summed_count, ADD);
    Scratch *scratch = search->scratch;
    size_t compared = 0;
    Status status = FINE;
    for (size_t place = 0; place < slot->count && !status; place++)
        status = score_arm(search, &slot->arms[place], number, &compared, COMPARE);
    for (size_t place = 0; place < compared; place++) {
        uint32_t doc = scratch->compared[place];
        take(search, number, doc, scratch->greatest[doc], &search->summed_count, ADD);
        scratch->greatest[doc] = -1;
    }
    return status;
}

static Status any_of(Search *search, size_t number)
{
    if (search->slot_count == 1 && search->slots->count == 1) {
        size_t unused = 0;
        return score_arm(search, search->slots->arms, number, &unused, OFFER);
    }
    Scratch *scratch = search->scratch;
    Status status = FINE;
    search->summed_count = 0;
    for (size_t place = 0; place < search->slot_count && !status; place++)
        status = add_slot(search, &search->slots[place], number);
    for (size_t place = 0; place < search->summed_count; place++) {
        uint32_t doc = scratch->summed[place];
        if (!status)
            offer(search, number, doc, scratch->sums[doc]);
        scratch->sums[doc] = -1;
    }
    return status;
}

Status find_any(Search *search)
{
    Status status = FINE;
    for (size_t number = 0; number < search->collection->segment_count && !status; number++)
        status = any_of(search, number);
    return status;
}
