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

/* So many lists are merged one by one. */
enum { FEW_STEMS = 8 };

typedef struct {
    uint32_t doc, freq, title_freq;
} Found;

static int by_doc(const void *left, const void *right)
{
    uint32_t a = ((const Found *)left)->doc, b = ((const Found *)right)->doc;
    return (a > b) - (a < b);
}

/* As `exact_freqs`, which most codes do not need. */
static inline Status freqs_of(const Segment *segment, const Source *source, size_t row, uint32_t *freq, uint32_t *title_freq)
{
    uint32_t doc = doc_of(&source->list, row);
    unsigned code = source->list.codes[row];
    *freq = (code & (MAX_EXACT_FREQ - 1)) + 1;
    *title_freq = code >> 6 < *freq ? code >> 6 : *freq;
    if (*freq < MAX_EXACT_FREQ && code >> 6 < MAX_TITLE_FREQ && doc < segment->doc_count && body_length(segment, doc))
        return FINE;
    return exact_freqs(segment, source, row, freq, title_freq);
}

/* Append the postings of the wanted forms of a stem. */
static Status add_postings(const Segment *segment, const Source *source, Found *found, size_t *count)
{
    size_t tokens = 0;
    for (size_t row = 0; row < source->list.count; row++) {
        uint32_t freq, title_freq, own = 0, own_title = 0;
        Status status = freqs_of(segment, source, row, &freq, &title_freq);
        if (status)
            return status;
        if (freq > source->token_count - tokens)
            return DAMAGED;
        if (!source->answers) {
            own = freq;
            own_title = title_freq;
        } else if ((status = count_answers(segment, source, tokens, freq, title_freq, &own, &own_title)))
            return status; /* tokens of the title come first */
        tokens += freq;
        if (own)
            found[(*count)++] = (Found){doc_of(&source->list, row), own, own_title};
    }
    return FINE;
}

/* Put postings of one document, which are neighbours, together. Gives how many are left. */
static size_t together(Found *found, size_t count)
{
    size_t kept = 0;
    for (size_t place = 0; place < count; place++) {
        if (kept && found[place].doc == found[kept - 1].doc) {
            found[kept - 1].freq += found[place].freq;
            found[kept - 1].title_freq += found[place].title_freq;
        } else
            found[kept++] = found[place];
    }
    return kept;
}

/* Put `more` postings behind the first `count`, both in the order of their documents, among these. */
static void merge(Found *found, size_t count, const Found *others, size_t more)
{
    while (more) /* from the end, so that nothing is overwritten that is still needed */
        if (count && found[count - 1].doc > others[more - 1].doc) {
            found[count + more - 1] = found[count - 1];
            count--;
        } else {
            found[count + more - 1] = others[more - 1];
            more--;
        }
}

/* Put many postings of any order in that of their documents: they are added up in a table of all documents. */
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

/* Make a list of found postings, which are in order. */
static Status keep_postings(const Segment *segment, const Found *found, size_t count, List *list, uint32_t **docs, uint8_t **codes)
{
    *docs = PyMem_RawMalloc((count + 1) * sizeof(uint32_t));
    *codes = PyMem_RawMalloc(count + 1);
    if (!*docs || !*codes)
        return NO_MEMORY;
    for (size_t place = 0; place < count; place++) {
        (*docs)[place] = found[place].doc;
        (*codes)[place] = code_of(segment, found[place].doc, found[place].freq, found[place].title_freq);
    }
    *list = (List){(const uint8_t *)*docs, *codes, sizeof(uint32_t), count};
    return FINE;
}

/* The postings of a word of few stems: those of each are in order already. `others` has room for those of one. */
static Status find_merged(const Segment *segment, const Sources *sources, Found *found, Found *others, size_t *count)
{
    Status status = FINE;
    for (size_t place = 0; place < sources->count && !status; place++) {
        size_t more = 0;
        status = add_postings(segment, &sources->items[place], *count ? others : found, &more);
        if (*count)
            merge(found, *count, others, more);
        *count += more;
    }
    *count = together(found, *count);
    return status;
}

/* The postings of a word of many stems, which are put in order at the end. */
static Status find_sorted(const Segment *segment, const Sources *sources, Found *found, size_t *count)
{
    Status status = FINE;
    for (size_t place = 0; place < sources->count && !status; place++)
        status = add_postings(segment, &sources->items[place], found, count);
    if (status)
        return status;
    if (*count > segment->doc_count / 16)
        return added_up(found, count, segment->doc_count);
    qsort(found, *count, sizeof(Found), by_doc);
    *count = together(found, *count);
    return FINE;
}

Status put_together(const Segment *segment, const uint32_t *forms, size_t form_count, Sources *sources, List *list, uint32_t **docs, uint8_t **codes)
{
    size_t room = 0, most = 0, count = 0;
    Status status = make_sources(segment, forms, form_count, sources);
    if (status)
        return status;
    for (size_t place = 0; place < sources->count; place++) {
        size_t postings = sources->items[place].list.count;
        room += postings;
        most = postings > most ? postings : most;
    }
    int few = sources->count <= FEW_STEMS;
    Found *found = PyMem_RawMalloc((room + (few ? most : 0) + 1) * sizeof(Found));
    if (!found)
        return NO_MEMORY;
    status = few ? find_merged(segment, sources, found, found + room, &count) : find_sorted(segment, sources, found, &count);
    if (!status)
        status = keep_postings(segment, found, count, list, docs, codes);
    PyMem_RawFree(found);
    return status;
}
