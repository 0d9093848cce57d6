/* How a document becomes one of the best hits; hits.c has what is seldom needed. Here is what runs for each document. */
#ifndef NAIDI_HITS_H
#define NAIDI_HITS_H

#include "search.h"

/* Whether a document's id comes later; with equal scores such a document is worse. */
int has_later_id(Search *search, const Hit *left, const Hit *right);
/* Move the hit at a place down to where it belongs in the heap. */
void sink(Search *search, size_t place, size_t count);
void make_heap(Search *search);
/* Drop all but the best `count` hits, and put these in their order. */
void keep_best(Search *search, size_t count);
/* Put the hits in their order, best first. */
void sort_hits(Search *search);

INLINED int is_worse(Search *search, const Hit *left, const Hit *right)
{
    return left->score != right->score ? left->score < right->score : has_later_id(search, left, right);
}

/* A document that was found, with its score. */
INLINED void offer(Search *search, size_t segment, uint32_t doc, double score)
{
    const uint8_t *live = live_of(search->collection, segment), *allowed = search->allowed[segment].buf;
    if ((live && !live[doc]) || (allowed && !allowed[doc]))
        return;
    search->total++;
    Hit hit = {score, (uint32_t)segment, doc};
    if (search->hit_count < search->room) {
        search->hits[search->hit_count++] = hit;
        if (search->hit_count == search->room)
            make_heap(search);
    } else if (search->room && score >= search->hits[0].score && is_worse(search, &search->hits[0], &hit)) {
        search->hits[0] = hit;
        sink(search, 0, search->hit_count);
    }
}

#endif
