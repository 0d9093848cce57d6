/* Posting lists that a segment does not have: those of forms of several stems, or of some forms of a stem. */
#include "core.h"

uint8_t code_of(const Segment *segment, uint32_t doc, uint32_t freq, uint32_t title_freq)
{
    if (!body_length(segment, doc) && !keyword_length(segment, doc))
        title_freq = 0;
    freq = freq < MAX_EXACT_FREQ ? freq : MAX_EXACT_FREQ;
    title_freq = title_freq < MAX_TITLE_FREQ ? title_freq : MAX_TITLE_FREQ;
    return (uint8_t)((freq - 1) | title_freq << 6);
}

typedef struct {
    uint32_t doc, freq, title_freq;
} Found;

static int by_doc(const void *left, const void *right)
{
    uint32_t a = ((const Found *)left)->doc, b = ((const Found *)right)->doc;
    return (a > b) - (a < b);
}

/* Append the postings of the wanted forms of a stem. */
static Status add_postings(const Segment *segment, const Source *source, Found *found, size_t *count)
{
    size_t tokens = 0;
    for (size_t row = 0; row < source->list.count; row++) {
        uint32_t freq, title_freq, own = 0, own_title = 0;
        Status status = exact_freqs(segment, source, row, &freq, &title_freq);
        if (status)
            return status;
        if (freq > source->token_count - tokens)
            return DAMAGED;
        if (!source->answers) {
            own = freq;
            own_title = title_freq;
        } else {
            for (uint32_t place = 0; place < freq; place++) {
                size_t form;
                if ((status = form_of_token(segment, source, tokens + place, &form)))
                    return status;
                if (source->answers[form]) {
                    own++;
                    own_title += place < title_freq; /* tokens of the title come first */
                }
            }
        }
        tokens += freq;
        if (own)
            found[(*count)++] = (Found){doc_of(&source->list, row), own, own_title};
    }
    return FINE;
}

/* Put the postings in the order of their documents, those of one document together. Gives how many are left. */
static size_t in_order(Found *found, size_t count)
{
    size_t kept = 0;
    qsort(found, count, sizeof(Found), by_doc);
    for (size_t place = 0; place < count; place++) {
        if (kept && found[place].doc == found[kept - 1].doc) {
            found[kept - 1].freq += found[place].freq;
            found[kept - 1].title_freq += found[place].title_freq;
        } else
            found[kept++] = found[place];
    }
    return kept;
}

/* The same for many postings: they are added up in a table of all documents. */
static Status added_up(Found *found, size_t *count, uint32_t doc_count)
{
    Found *table = PyMem_RawCalloc((size_t)doc_count + 1, sizeof(Found));
    size_t kept = 0;
    if (!table)
        return NO_MEMORY;
    for (size_t place = 0; place < *count; place++) {
        Found *of_doc = &table[found[place].doc]; /* `exact_freqs` has compared it */
        of_doc->doc = found[place].doc;
        of_doc->freq += found[place].freq;
        of_doc->title_freq += found[place].title_freq;
    }
    for (uint32_t doc = 0; doc < doc_count; doc++)
        if (table[doc].freq)
            found[kept++] = table[doc];
    PyMem_RawFree(table);
    *count = kept;
    return FINE;
}

/* Make the list of found postings, which have no order, the own list of a part. */
static Status keep_postings(const Segment *segment, Part *part, Found *found, size_t count)
{
    if (count > segment->doc_count / 16 && part->own_places.count > 1) {
        Status status = added_up(found, &count, segment->doc_count);
        if (status)
            return status;
    } else
        count = in_order(found, count);
    part->made_docs = PyMem_RawMalloc((count + 1) * sizeof(uint32_t));
    part->made_codes = PyMem_RawMalloc(count + 1);
    if (!part->made_docs || !part->made_codes)
        return NO_MEMORY;
    for (size_t place = 0; place < count; place++) {
        part->made_docs[place] = found[place].doc;
        part->made_codes[place] = code_of(segment, found[place].doc, found[place].freq, found[place].title_freq);
    }
    part->own = (List){(const uint8_t *)part->made_docs, part->made_codes, sizeof(uint32_t), count};
    return FINE;
}

Status put_together(const Segment *segment, Part *part)
{
    size_t room = 0, count = 0;
    Status status = make_sources(segment, part->forms, part->form_count, &part->own_places);
    if (status)
        return status;
    part->has_own_places = 1;
    for (size_t place = 0; place < part->own_places.count; place++)
        room += part->own_places.items[place].list.count;
    Found *found = PyMem_RawMalloc((room + 1) * sizeof(Found));
    if (!found)
        return NO_MEMORY;
    for (size_t place = 0; place < part->own_places.count && !status; place++)
        status = add_postings(segment, &part->own_places.items[place], found, &count);
    if (!status)
        status = keep_postings(segment, part, found, count);
    PyMem_RawFree(found);
    return status;
}
