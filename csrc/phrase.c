/* Phrases: words side by side, or near each other in their order. search/ranking/postings.py is the definition. */
#include "core.h"

/* Of many candidates, about so many are looked at before the others; BUCKETS: in steps of bounds. */
enum { FIRST_LOOKED_AT = 64, BUCKETS = 256 };
/* So many candidates are gathered, then looked at, so that fewer of the later ones are wanted. */
enum { AT_ONCE = 4096 };

/* A document that has all words, and the score that it has at most. */
typedef struct {
    double bound; /* a loose one */
    uint32_t doc;
    uint8_t most; /* the code that it has at most */
} Candidate;

typedef struct {
    Word **words;
    size_t count;
    size_t *order; /* the rarest word of the segment first */
    size_t *rows;
    Cursor **cursors;
    Numbers places, starts, ends;
    size_t slop; /* how many words more may stand between the first and the last */
    Candidate *candidates; /* of a segment, ascending */
    size_t candidate_count, candidate_room;
    const PhraseTaker *taker;
} PhraseSearch;

/* The positions of the first word from which the phrase can be completed, in `starts`. */
static Status find_starts(PhraseSearch *search, size_t number, uint32_t doc)
{
    const Segment *segment = search->words[0]->collection->segments[number];
    Numbers *starts = &search->starts, *places = &search->places;
    for (size_t step = 0; step < search->count; step++) {
        size_t which = search->order[step];
        const Sources *sources = &search->words[which]->parts[number].own_places;
        seek_places(sources, search->cursors[which], doc);
        Status status = read_places(segment, sources, search->cursors[which], doc, step ? places : starts);
        if (status)
            return status;
        uint32_t shift = (uint32_t)which;
        if (!step) {
            /* A word too near to the beginning starts no phrase: positions ascend, so these come first. */
            size_t before = 0;
            while (before < starts->count && starts->items[before] < shift)
                before++;
            for (size_t place = before; place < starts->count; place++)
                starts->items[place - before] = starts->items[place] - shift;
            starts->count -= before;
        } else {
            size_t kept = 0, next = 0;
            for (size_t place = 0; place < starts->count; place++) {
                uint32_t wanted = starts->items[place] + shift;
                while (next < places->count && places->items[next] < wanted)
                    next++;
                if (next < places->count && places->items[next] == wanted)
                    starts->items[kept++] = starts->items[place];
            }
            starts->count = kept;
        }
        if (!starts->count)
            return FINE;
    }
    return FINE;
}

/* In which field of a document a position lies: 0 for the title, 1 for the body, 2 for keywords. */
static int field_of(const Segment *segment, uint32_t doc, uint32_t place)
{
    uint64_t title = title_length(segment, doc);
    return place < title ? 0 : place < title + POSITION_GAP + body_length(segment, doc) ? 1 : 2;
}

/* The positions of the first word from which the others follow in their order, within the slop, in `starts`. From each, the nearest
   position of the next word is taken, and so on: that is the shortest span from there. */
static Status find_near_starts(PhraseSearch *search, size_t number, uint32_t doc)
{
    const Segment *segment = search->words[0]->collection->segments[number];
    Numbers *starts = &search->starts, *ends = &search->ends, *places = &search->places;
    for (size_t which = 0; which < search->count; which++) {
        const Sources *sources = &search->words[which]->parts[number].own_places;
        seek_places(sources, search->cursors[which], doc);
        Status status = read_places(segment, sources, search->cursors[which], doc, which ? places : starts);
        if (!status && !which) {
            ends->count = 0;
            if (!(status = make_room(ends, starts->count)) && starts->count)
                memcpy(ends->items, starts->items, starts->count * sizeof(uint32_t));
        }
        if (status)
            return status;
        size_t kept = 0, next = 0;
        for (size_t place = 0; which && place < starts->count; place++) {
            while (next < places->count && places->items[next] <= ends->items[place])
                next++;
            if (next == places->count)
                break;
            if (places->items[next] - starts->items[place] - which > search->slop)
                continue;
            starts->items[kept] = starts->items[place];
            ends->items[kept++] = places->items[next];
        }
        if (which)
            starts->count = kept;
        if (!starts->count)
            return FINE;
    }
    size_t kept = 0;
    for (size_t place = 0; place < starts->count; place++)
        if (field_of(segment, doc, starts->items[place]) == field_of(segment, doc, ends->items[place]))
            starts->items[kept++] = starts->items[place];
    starts->count = kept;
    return FINE;
}

/* Whether all words have the document; `rows` are moved to it. */
static int have_all(PhraseSearch *search, size_t number, uint32_t doc)
{
    for (size_t step = 1; step < search->count; step++) {
        size_t which = search->order[step];
        const List *list = &search->words[which]->parts[number].own;
        search->rows[which] = seek_doc(list, search->rows[which], doc);
        if (search->rows[which] >= list->count || doc_of(list, search->rows[which]) != doc)
            return 0;
    }
    return 1;
}

static void sort_by_size(PhraseSearch *search, size_t number)
{
    for (size_t place = 0; place < search->count; place++) {
        size_t which = place, size = search->words[which]->parts[number].own.count, at = place;
        while (at && search->words[search->order[at - 1]]->parts[number].own.count > size) {
            search->order[at] = search->order[at - 1];
            at--;
        }
        search->order[at] = which;
    }
}

/* The code that a phrase has at most in a document which all words have: that of the least frequencies of the words. In a near phrase
   the first word may stand more often than the others. code: of the rarest word. */
static uint8_t most_of_phrase(const PhraseSearch *search, size_t number, uint8_t code)
{
    if (search->slop)
        return search->order[0] ? search->words[0]->parts[number].own.codes[search->rows[0]] : code;
    uint8_t freq = code & (MAX_EXACT_FREQ - 1), titles = code & ~(MAX_EXACT_FREQ - 1);
    for (size_t step = 1; step < search->count; step++) {
        size_t which = search->order[step];
        uint8_t other = search->words[which]->parts[number].own.codes[search->rows[which]];
        uint8_t other_freq = other & (MAX_EXACT_FREQ - 1), other_titles = other & ~(MAX_EXACT_FREQ - 1);
        freq = other_freq < freq ? other_freq : freq;
        titles = other_titles < titles ? other_titles : titles;
    }
    return freq | titles;
}

/* Look for the phrase in a document that has all words, and tell of it if it is there. */
static Status match_doc(PhraseSearch *search, size_t number, uint32_t doc)
{
    const Segment *segment = search->words[0]->collection->segments[number];
    const PhraseTaker *taker = search->taker;
    Status status = search->slop ? find_near_starts(search, number, doc) : find_starts(search, number, doc);
    size_t freq = search->starts.count, title_freq = 0;
    if (status || !freq)
        return status;
    while (title_freq < freq && search->starts.items[title_freq] < title_length(segment, doc))
        title_freq++;
    taker->take(taker->state, number, doc, code_of(segment, doc, (uint32_t)freq, (uint32_t)title_freq));
    return FINE;
}

/* A score that about FIRST_LOOKED_AT candidates may reach. */
static double high_bound(const PhraseSearch *search)
{
    size_t counts[BUCKETS] = {0}, found = 0, bucket = BUCKETS;
    double most = 0;
    for (size_t place = 0; place < search->candidate_count; place++)
        most = search->candidates[place].bound > most ? search->candidates[place].bound : most;
    for (size_t place = 0; most > 0 && place < search->candidate_count; place++)
        counts[(size_t)(search->candidates[place].bound / most * (BUCKETS - 1))]++;
    while (bucket && found < FIRST_LOOKED_AT)
        found += counts[--bucket];
    return most * (double)bucket / (BUCKETS - 1);
}

/* Look at the candidates that may be among the best; those with a high bound first, so that few others still may. */
static Status match_candidates(PhraseSearch *search, size_t number)
{
    const PhraseTaker *taker = search->taker;
    double high = search->candidate_count > 2 * FIRST_LOOKED_AT ? high_bound(search) : 0;
    Status status = FINE;
    for (int turn = 0; turn < 2 && !status; turn++) {
        for (size_t which = 0; which < search->count; which++)
            memset(search->cursors[which], 0, search->words[which]->parts[number].own_places.count * sizeof(Cursor));
        for (size_t place = 0; place < search->candidate_count && !status; place++) {
            const Candidate *candidate = &search->candidates[place];
            if ((candidate->bound >= high) == !turn && taker->wants(taker->state, candidate->bound)
                && taker->wants(taker->state, taker->bound(taker->state, number, candidate->doc, candidate->most)))
                status = match_doc(search, number, candidate->doc);
        }
    }
    return status;
}

static Status match_phrase(PhraseSearch *search, size_t number)
{
    const Segment *segment = search->words[0]->collection->segments[number];
    const uint8_t *live = live_of(search->words[0]->collection, number);
    const PhraseTaker *taker = search->taker;
    sort_by_size(search, number);
    search->candidate_count = 0;
    const List *rarest = &search->words[search->order[0]]->parts[number].own;
    /* A phrase stands in a document as often as its rarest word, at most; a near phrase as often as its first word. */
    int tells_most = taker->bound && (!search->slop || !search->order[0]), has_looked = 0;
    Status status = taker->begin ? taker->begin(taker->state, number, rarest->count) : FINE;
    for (size_t row = 0; row < rarest->count && !status; row++) {
        uint32_t doc = doc_of(rarest, row);
        if (doc >= segment->doc_count)
            return DAMAGED;
        if (live && !live[doc])
            continue;
        if (tells_most && has_looked && !taker->wants(taker->state, taker->loose_bound(taker->state, number, doc, rarest->codes[row])))
            continue;
        if (!have_all(search, number, doc))
            continue;
        if (!taker->bound) {
            status = match_doc(search, number, doc);
            continue;
        }
        size_t *count = &search->candidate_count;
        Candidate *candidates = with_room(search->candidates, &search->candidate_room, *count, sizeof(Candidate));
        if (!candidates)
            return NO_MEMORY;
        search->candidates = candidates;
        uint8_t most = most_of_phrase(search, number, rarest->codes[row]);
        candidates[(*count)++] = (Candidate){taker->loose_bound(taker->state, number, doc, most), doc, most};
        if (*count == AT_ONCE) {
            status = match_candidates(search, number);
            *count = 0;
            has_looked = 1;
        }
    }
    return status ? status : match_candidates(search, number);
}

static Status match_in_segments(PhraseSearch *search)
{
    const Collection *collection = search->words[0]->collection;
    Status status = FINE;
    for (size_t number = 0; number < collection->segment_count && !status; number++) {
        for (size_t which = 0; which < search->count; which++) {
            search->rows[which] = 0;
            search->cursors[which] = PyMem_RawCalloc(search->words[which]->parts[number].own_places.count + 1, sizeof(Cursor));
            if (!search->cursors[which])
                status = NO_MEMORY;
        }
        if (!status)
            status = match_phrase(search, number);
        for (size_t which = 0; which < search->count; which++) {
            PyMem_RawFree(search->cursors[which]);
            search->cursors[which] = NULL;
        }
    }
    return status;
}

Status take_phrase_words(PyObject *collection, PyObject *words, Py_ssize_t slop)
{
    for (Py_ssize_t which = 0; which < PyTuple_GET_SIZE(words); which++) {
        PyObject *word = PyTuple_GET_ITEM(words, which);
        if (Py_TYPE(word) != &WordType || ((Word *)word)->collection != (Collection *)collection) {
            PyErr_SetString(PyExc_TypeError, "not a Word of this collection");
            return DAMAGED;
        }
    }
    if (!PyTuple_GET_SIZE(words) || slop < 0) {
        PyErr_SetString(PyExc_ValueError, "a phrase has at least one word, and no slop below 0");
        return DAMAGED;
    }
    return FINE;
}

double phrase_idf(PyObject *words)
{
    double idf = 0;
    for (Py_ssize_t which = 0; which < PyTuple_GET_SIZE(words); which++)
        idf += ((Word *)PyTuple_GET_ITEM(words, which))->idf;
    return idf;
}

Status find_phrase(PyObject *words, size_t slop, const PhraseTaker *taker)
{
    PhraseSearch search = {.count = (size_t)PyTuple_GET_SIZE(words), .slop = slop, .taker = taker};
    search.words = (Word **)((PyTupleObject *)words)->ob_item;
    Status status = FINE;
    for (size_t which = 0; which < search.count && !status; which++)
        status = need_own_places(search.words[which]);
    search.order = PyMem_RawCalloc(search.count, sizeof(size_t));
    search.rows = PyMem_RawCalloc(search.count, sizeof(size_t));
    search.cursors = PyMem_RawCalloc(search.count, sizeof(Cursor *));
    if (!status && (!search.order || !search.rows || !search.cursors))
        status = NO_MEMORY;
    if (!status) {
        Py_BEGIN_ALLOW_THREADS
        status = match_in_segments(&search);
        Py_END_ALLOW_THREADS
    }
    PyMem_RawFree(search.order);
    PyMem_RawFree(search.rows);
    PyMem_RawFree(search.cursors);
    PyMem_RawFree(search.places.items);
    PyMem_RawFree(search.starts.items);
    PyMem_RawFree(search.ends.items);
    PyMem_RawFree(search.candidates);
    return status;
}

/* -- what a phrase finds, as a word */

static Status begin_part(void *state, size_t number, size_t most)
{
    Part *part = &((Word *)state)->parts[number];
    part->made_docs = PyMem_RawMalloc((most + 1) * sizeof(uint32_t));
    part->made_codes = PyMem_RawMalloc(most + 1);
    part->own = (List){(const uint8_t *)part->made_docs, part->made_codes, sizeof(uint32_t), 0};
    return part->made_docs && part->made_codes ? FINE : NO_MEMORY;
}

static void add_to_part(void *state, size_t number, uint32_t doc, uint8_t code)
{
    Part *part = &((Word *)state)->parts[number];
    part->made_docs[part->own.count] = doc;
    part->made_codes[part->own.count++] = code;
}

/* phrase(words: tuple[Word, ...], slop: int) */
Word *word_of_phrase(Collection *collection, PyObject *words, Py_ssize_t slop)
{
    if (take_phrase_words((PyObject *)collection, words, slop))
        return NULL;
    Word *phrase = new_word(collection);
    if (!phrase)
        return NULL;
    PhraseTaker taker = {.state = phrase, .begin = begin_part, .take = add_to_part};
    Status status = find_phrase(words, (size_t)slop, &taker);
    if (!status)
        status = weigh(phrase);
    if (status) {
        Py_DECREF(phrase);
        raise_status(status);
        return NULL;
    }
    if (phrase->own_freq) { /* as in Lucene, the idf of a phrase is the sum of the idfs of its words */
        phrase->idf = phrase_idf(words);
        phrase->own_weight = (phrase->collection->lemma_weight + phrase->collection->stem_weight) * phrase->idf;
    }
    return phrase;
}

/* phrase(words: tuple[Word, ...], slop: int) */
PyObject *collection_phrase(PyObject *self, PyObject *args)
{
    PyObject *words;
    Py_ssize_t slop;
    if (!PyArg_ParseTuple(args, "O!n", &PyTuple_Type, &words, &slop))
        return NULL;
    return (PyObject *)word_of_phrase((Collection *)self, words, slop);
}
