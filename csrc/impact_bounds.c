/* The most that a posting adds to a score, by its frequency and by the level of its document's length. pruned.c needs no more of most.

   A level stands for lengths side by side. There are 255 at most, with about as many documents each: where many documents have about
   the same length, each length is a level of its own, so that the bounds are close. */
#include "core.h"

/* Texts of more tokens are counted as of so many. */
enum { LONGEST = 1 << 14 };

static size_t length_of(const Segment *segment, uint32_t doc)
{
    uint64_t length = title_length(segment, doc) + body_length(segment, doc);
    return length < LONGEST ? (size_t)length : LONGEST;
}

/* Give each length its level, and each level its shortest length. Gives how many levels there are. */
static size_t divide(uint32_t *counts, size_t docs, size_t *shortest)
{
    size_t depth = docs / (LEVELS - 1) + 1, level = 0, held = 0;
    shortest[0] = 0;
    for (size_t length = 0; length <= LONGEST; length++) {
        size_t own = counts[length];
        if (held && held + own > depth && level + 1 < LEVELS) {
            shortest[++level] = length;
            held = 0;
        }
        held += own;
        counts[length] = (uint32_t)level;
    }
    return level + 1;
}

static void fill_bounds(Collection *collection, const size_t *shortest, size_t levels)
{
    const FieldParameters *text = &collection->text, *title = &collection->title;
    for (size_t level = 0; level < LEVELS; level++) {
        double norm = length_norm((double)shortest[level < levels ? level : levels - 1], collection->average_text, text);
        for (int freq = 1; freq <= MAX_EXACT_FREQ; freq++)
            collection->most_impacts[(size_t)(freq - 1) * LEVELS + level] = (float)(freq / (norm + freq) * (text->weight * (text->k1 + 1.0)));
    }
    /* A longer title counts as of TITLE_LEVELS - 1 tokens. */
    for (int titles = 0; titles <= MAX_TITLE_FREQ; titles++)
        for (int length = 0; length < TITLE_LEVELS; length++) {
            double norm = length_norm(length, collection->average_title, title) + titles;
            collection->most_of_titles[titles * TITLE_LEVELS + length] = (float)(titles ? titles / norm * (title->weight * (title->k1 + 1.0)) : 0);
        }
}

Status make_impact_bounds(Collection *collection)
{
    size_t shortest[LEVELS], docs = 0;
    uint32_t *levels = PyMem_RawCalloc(LONGEST + 1, sizeof(uint32_t));
    collection->levels = PyMem_RawCalloc(collection->segment_count + 1, sizeof(uint8_t *));
    collection->most_impacts = PyMem_RawMalloc(MAX_EXACT_FREQ * LEVELS * sizeof(float));
    collection->most_of_titles = PyMem_RawMalloc((MAX_TITLE_FREQ + 1) * TITLE_LEVELS * sizeof(float));
    Status status = levels && collection->levels && collection->most_impacts && collection->most_of_titles ? FINE : NO_MEMORY;
    for (size_t number = 0; number < collection->segment_count && !status; number++) {
        const Segment *segment = collection->segments[number];
        for (uint32_t doc = 0; doc < segment->doc_count; doc++)
            levels[length_of(segment, doc)]++;
        docs += segment->doc_count;
    }
    if (!status)
        fill_bounds(collection, shortest, divide(levels, docs, shortest));
    for (size_t number = 0; number < collection->segment_count && !status; number++) {
        const Segment *segment = collection->segments[number];
        uint8_t *own = collection->levels[number] = PyMem_RawMalloc((size_t)segment->doc_count + 1);
        if (!own)
            status = NO_MEMORY;
        for (uint32_t doc = 0; doc < segment->doc_count && !status; doc++)
            own[doc] = (uint8_t)levels[length_of(segment, doc)];
    }
    PyMem_RawFree(levels);
    return status;
}
