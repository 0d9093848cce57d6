/* The arms of slots at a document: whether they have it, and their scores. Here is what runs for each document. */
#ifndef NAIDI_ARMS_H
#define NAIDI_ARMS_H

#include "impact.h"
#include "search.h"

/* An arm at a document. */
typedef struct {
    List own, stem, shared;
    double own_weight, stem_weight, shared_weight;
    int nested; /* documents that `stem` lacks are not in `own` */
    size_t own_row, stem_row, shared_row;
    int in_own, in_stem, in_shared;
} ArmAt;

/* Before the first document of a segment. */
static inline void start_arm(const Arm *arm, size_t number, ArmAt *at)
{
    const Part *part = &arm->word->parts[number];
    *at = (ArmAt){.own = part->own, .stem = part->stem, .shared = part->shared, .nested = part->nested && part->stem.count};
    at->own_weight = arm->factor * arm->word->own_weight;
    at->stem_weight = arm->factor * arm->word->stem_weight;
    at->shared_weight = arm->factor * arm->word->shared_weight;
    if (part->same) {
        at->stem_weight += at->own_weight;
        at->own = (List){NULL, NULL, 4, 0};
    }
}

static inline int find_doc(const List *list, size_t *row, uint32_t doc)
{
    *row = seek_doc(list, *row, doc);
    return *row < list->count && doc_of(list, *row) == doc;
}

/* Move the arms of a slot to a document. Gives whether any of them has it. */
static inline int slot_has(ArmAt *at, size_t count, uint32_t doc)
{
    int there = 0;
    for (size_t place = 0; place < count; place++) {
        ArmAt *arm = &at[place];
        arm->in_stem = find_doc(&arm->stem, &arm->stem_row, doc);
        arm->in_own = (arm->in_stem || !arm->nested) && find_doc(&arm->own, &arm->own_row, doc);
        arm->in_shared = arm->shared.count && (arm->in_stem | arm->in_own) && find_doc(&arm->shared, &arm->shared_row, doc);
        there |= arm->in_stem | arm->in_own;
    }
    return there;
}

/* The score of a document by a slot whose arms were moved there. */
static inline double slot_score(const Search *search, const ArmAt *at, size_t count, size_t number, uint32_t doc)
{
    const Collection *collection = search->collection;
    const Segment *segment = collection->segments[number];
    const double *norms = collection->norms[number];
    double greatest = 0;
    for (size_t place = 0; place < count; place++) {
        const ArmAt *arm = &at[place];
        double score = 0;
        if (arm->in_stem)
            score += arm->stem_weight * impact_of(collection, segment, norms, doc, arm->stem.codes[arm->stem_row]);
        if (arm->in_own)
            score += arm->own_weight * impact_of(collection, segment, norms, doc, arm->own.codes[arm->own_row]);
        if (arm->in_shared)
            score += arm->shared_weight * impact_of(collection, segment, norms, doc, arm->shared.codes[arm->shared_row]);
        if (score > greatest)
            greatest = score;
    }
    return greatest;
}

#endif
