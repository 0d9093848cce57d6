/* What a posting adds to the score of its document. */
#ifndef NAIDI_IMPACT_H
#define NAIDI_IMPACT_H

#include "core.h"

/* What a posting adds to a score, before it is multiplied by a weight; see search/ranking/impacts.py. */
INLINED double impact_of(const Collection *collection, const Segment *segment, const double *norms, uint32_t doc, uint8_t code)
{
    double freq = (code & (MAX_EXACT_FREQ - 1)) + 1.0;
    double impact = freq / (norms[doc] + freq) * (collection->text.weight * (collection->text.k1 + 1.0));
    if (code >= MAX_EXACT_FREQ) {
        const FieldParameters *title = &collection->title;
        double titles = code >> 6, in_title = (double)title_length(segment, doc), in_body = (double)body_length(segment, doc);
        double length = in_title + in_body, norm = length_norm(in_title, collection->average_title, title) + titles;
        double scale = title->weight * (title->k1 + 1.0) * in_body / (length > 1.0 ? length : 1.0);
        impact += titles / (norm > 1e-300 ? norm : 1e-300) * scale;
    }
    return impact;
}

/* What a posting adds to a score at most, before it is multiplied by a weight; see impact_bounds.c. */
INLINED float most_impact(const Collection *collection, size_t number, uint32_t doc, uint8_t code)
{
    float most = collection->most_impacts[(size_t)(code & (MAX_EXACT_FREQ - 1)) * LEVELS + collection->levels[number][doc]];
    if (code >= MAX_EXACT_FREQ) {
        uint64_t length = title_length(collection->segments[number], doc);
        most += collection->most_of_titles[(code >> 6) * TITLE_LEVELS + (length < TITLE_LEVELS ? length : TITLE_LEVELS - 1)];
    }
    return most;
}

#endif
