/* The best documents of a query of words. search/ranking/segment_match.py, page.py and nearness.py are the definition. */
#include "search.h"
#include <math.h>

#if defined(__GNUC__)
#define INLINED static inline __attribute__((always_inline))
#else
#define INLINED static inline
#endif

/* Searches that look at fewer postings keep the GIL: to let go of it and to wait for it again takes longer. */
enum { LONG_SEARCH = 20000 };

/* Scores of documents of a segment, below 0 for those that no word has yet. Between searches all are below 0. */
struct Scratch {
    double *sums, *greatest;
    uint32_t *summed, *compared; /* the documents that have one */
};

/* -- scores */

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

/* -- the best hits */

/* Whether a document's id comes later; with equal scores such a document is worse. */
static int has_later_id(Search *search, const Hit *left, const Hit *right)
{
    const Segment *of_left = search->collection->segments[left->segment], *of_right = search->collection->segments[right->segment];
    uint64_t left_rank = item(section(of_left, IDS_RANKS), left->doc), right_rank = item(section(of_right, IDS_RANKS), right->doc);
    if (of_left == of_right)
        return left_rank > right_rank;
    size_t begin, end, other_begin, other_end;
    const Column *bytes = section(of_left, IDS_BYTES), *other_bytes = section(of_right, IDS_BYTES);
    if (row_of(section(of_left, IDS_ENDS), (size_t)left_rank, bytes->count, &begin, &end)
        || row_of(section(of_right, IDS_ENDS), (size_t)right_rank, other_bytes->count, &other_begin, &other_end)
        || begin == end || other_begin == other_end) {
        search->tie_status = DAMAGED;
        return 0;
    }
    size_t length = end - begin - 1, other_length = other_end - other_begin - 1; /* without the line feed */
    int order = memcmp(bytes->start + begin, other_bytes->start + other_begin, length < other_length ? length : other_length);
    return order ? order > 0 : length > other_length;
}

INLINED int is_worse(Search *search, const Hit *left, const Hit *right)
{
    return left->score != right->score ? left->score < right->score : has_later_id(search, left, right);
}

static void sink(Search *search, size_t place, size_t count)
{
    Hit *hits = search->hits, moved = hits[place];
    for (;;) {
        size_t child = 2 * place + 1;
        if (child >= count)
            break;
        if (child + 1 < count && is_worse(search, &hits[child + 1], &hits[child]))
            child++;
        if (!is_worse(search, &hits[child], &moved))
            break;
        hits[place] = hits[child];
        place = child;
    }
    hits[place] = moved;
}

static void make_heap(Search *search)
{
    for (size_t place = search->hit_count / 2; place-- > 0;)
        sink(search, place, search->hit_count);
}

/* The hits in their order, best first. */
static void sort_hits(Search *search)
{
    make_heap(search);
    for (size_t count = search->hit_count; count > 1; count--) {
        Hit worst = search->hits[0];
        search->hits[0] = search->hits[count - 1];
        search->hits[count - 1] = worst;
        sink(search, 0, count - 1);
    }
}

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

/* -- any of the words */

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

/* -- all of the words */

/* An arm at a document. */
typedef struct {
    List own, stem;
    double own_weight, stem_weight;
    int nested; /* documents that `stem` lacks are not in `own` */
    size_t own_row, stem_row;
    int in_own, in_stem;
} ArmAt;

static int find_doc(const List *list, size_t *row, uint32_t doc)
{
    *row = seek_doc(list, *row, doc);
    return *row < list->count && doc_of(list, *row) == doc;
}

/* Move the arms of a slot to a document. Gives whether any of them has it. */
static int slot_has(ArmAt *at, size_t count, uint32_t doc)
{
    int there = 0;
    for (size_t place = 0; place < count; place++) {
        ArmAt *arm = &at[place];
        arm->in_stem = find_doc(&arm->stem, &arm->stem_row, doc);
        arm->in_own = (arm->in_stem || !arm->nested) && find_doc(&arm->own, &arm->own_row, doc);
        there |= arm->in_stem | arm->in_own;
    }
    return there;
}

static double slot_score(Search *search, const ArmAt *at, size_t count, size_t number, uint32_t doc)
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
        if (score > greatest)
            greatest = score;
    }
    return greatest;
}

static void start_arm(const Arm *arm, size_t number, ArmAt *at)
{
    const Part *part = &arm->word->parts[number];
    *at = (ArmAt){.own = part->own, .stem = part->stem, .nested = part->nested && part->stem.count};
    at->own_weight = arm->factor * arm->word->own_weight;
    at->stem_weight = arm->factor * arm->word->stem_weight;
    if (part->same) {
        at->stem_weight += at->own_weight;
        at->own = (List){NULL, NULL, 4, 0};
    }
}

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

static size_t size_of_slot(const Slot *slot, size_t number)
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

/* -- one search */

static Scratch *new_scratch(size_t docs)
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

static Status run(Search *search, Nearness *nearness)
{
    Status status = FINE;
    if (search->all_words) {
        size_t arms = 0;
        for (size_t place = 0; place < search->slot_count; place++)
            arms += search->slots[place].count;
        ArmAt *at = PyMem_RawMalloc((arms + 1) * sizeof(ArmAt));
        if (!at)
            return NO_MEMORY;
        for (size_t number = 0; number < search->collection->segment_count && !status; number++)
            status = all_of(search, number, at);
        PyMem_RawFree(at);
    } else
        for (size_t number = 0; number < search->collection->segment_count && !status; number++)
            status = any_of(search, number);
    if (status)
        return status;
    if (nearness->pair_count) {
        size_t count = search->hit_count;
        if (count > search->rescored) {
            sort_hits(search);
            count = search->rescored;
        }
        if ((status = add_bonus(search, nearness, count)))
            return status;
    }
    sort_hits(search);
    return search->tie_status;
}

/* The arms of a slot: (word, factor, word, factor ...). */
static int take_slot(Search *search, PyObject *given, Slot *slot, Arm *arms)
{
    size_t count = (size_t)PyTuple_GET_SIZE(given) / 2;
    *slot = (Slot){arms, count, 0};
    for (size_t place = 0; place < count; place++) {
        PyObject *word = PyTuple_GET_ITEM(given, 2 * place);
        if (Py_TYPE(word) != &WordType || ((Word *)word)->collection != search->collection) {
            PyErr_SetString(PyExc_TypeError, "not a Word of this collection");
            return -1;
        }
        arms[place] = (Arm){(Word *)word, PyFloat_AsDouble(PyTuple_GET_ITEM(given, 2 * place + 1))};
        if (!(arms[place].factor >= 0)) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_ValueError, "a factor below 0");
            return -1;
        }
    }
    return 0;
}

static int take_slots(Search *search, PyObject *slots)
{
    size_t arms = 0;
    search->slot_count = (size_t)PyTuple_GET_SIZE(slots);
    for (size_t place = 0; place < search->slot_count; place++) {
        PyObject *slot = PyTuple_GET_ITEM(slots, place);
        if (!PyTuple_Check(slot) || PyTuple_GET_SIZE(slot) < 2 || PyTuple_GET_SIZE(slot) % 2) {
            PyErr_SetString(PyExc_TypeError, "a slot is (word, factor, ...)");
            return -1;
        }
        arms += (size_t)PyTuple_GET_SIZE(slot) / 2;
    }
    search->slots = PyMem_RawMalloc((search->slot_count + 1) * sizeof(Slot));
    search->arms = PyMem_RawMalloc((arms + 1) * sizeof(Arm));
    if (!search->slots || !search->arms) {
        PyErr_NoMemory();
        return -1;
    }
    Arm *next = search->arms;
    for (size_t place = 0; place < search->slot_count; place++) {
        if (take_slot(search, PyTuple_GET_ITEM(slots, place), &search->slots[place], next) < 0)
            return -1;
        next += search->slots[place].count;
    }
    return 0;
}

static int take_allowed(Search *search, PyObject *allowed)
{
    search->allowed = PyMem_RawCalloc(search->collection->segment_count + 1, sizeof(Py_buffer));
    if (!search->allowed) {
        PyErr_NoMemory();
        return -1;
    }
    if (allowed == Py_None)
        return 0;
    if (!PyTuple_Check(allowed) || (size_t)PyTuple_GET_SIZE(allowed) != search->collection->segment_count) {
        PyErr_SetString(PyExc_ValueError, "there must be a buffer for each segment");
        return -1;
    }
    for (size_t number = 0; number < search->collection->segment_count; number++) {
        Py_buffer *buffer = &search->allowed[number];
        if (PyObject_GetBuffer(PyTuple_GET_ITEM(allowed, number), buffer, PyBUF_SIMPLE) < 0)
            return -1;
        if (buffer->len != (Py_ssize_t)search->collection->segments[number]->doc_count) {
            PyErr_SetString(PyExc_ValueError, "there must be a byte for each document");
            return -1;
        }
    }
    return 0;
}

static size_t cost_of(const Search *search)
{
    size_t cost = 0;
    for (size_t number = 0; number < search->collection->segment_count; number++)
        for (size_t place = 0; place < search->slot_count; place++)
            cost += size_of_slot(&search->slots[place], number);
    return cost;
}

/* The id of a document, or NULL with an exception. */
static PyObject *id_of(const Segment *segment, uint32_t doc)
{
    const Column *bytes = section(segment, IDS_BYTES);
    size_t begin, end;
    if (row_of(section(segment, IDS_ENDS), (size_t)item(section(segment, IDS_RANKS), doc), bytes->count, &begin, &end) || begin == end)
        return raise_status(DAMAGED);
    return PyUnicode_DecodeUTF8((const char *)bytes->start + begin, (Py_ssize_t)(end - begin - 1), NULL);
}

static PyObject *hit_of(const Search *search, const Hit *hit, int with_ids)
{
    if (!with_ids)
        return Py_BuildValue("(IId)", (unsigned)hit->segment, (unsigned)hit->doc, hit->score);
    PyObject *id = id_of(search->collection->segments[hit->segment], hit->doc);
    return id ? Py_BuildValue("(Nd)", id, hit->score) : NULL;
}

/* (total, the best k hits) */
static PyObject *hits_of(const Search *search, size_t k, int with_ids)
{
    size_t count = search->hit_count < k ? search->hit_count : k;
    PyObject *found = PyList_New((Py_ssize_t)count);
    for (size_t place = 0; found && place < count; place++) {
        PyObject *one = hit_of(search, &search->hits[place], with_ids);
        if (!one)
            Py_CLEAR(found);
        else
            PyList_SET_ITEM(found, (Py_ssize_t)place, one);
    }
    return found ? Py_BuildValue("(KN)", (unsigned long long)search->total, found) : NULL;
}

static PyObject *searched(Search *search, size_t k, size_t rescored, int with_ids)
{
    Nearness nearness = {NULL, 0, NULL, 0, {NULL, 0, 0}};
    Status status = FINE;
    size_t docs = 0;
    for (size_t number = 0; number < search->collection->segment_count; number++)
        docs += search->collection->segments[number]->doc_count;
    search->rescored = k ? rescored : 0;
    search->room = k > search->rescored ? k : search->rescored;
    if (search->room > docs)
        search->room = docs; /* a heap of more hits than there are is never full */
    nearness.pairs = PyMem_RawCalloc(search->slot_count + 1, sizeof(Pair));
    nearness.words = PyMem_RawCalloc(2 * search->slot_count + 1, sizeof(WordAt));
    search->hits = PyMem_RawMalloc((search->room + 1) * sizeof(Hit));
    search->scratch = search->collection->scratch ? search->collection->scratch : new_scratch(search->collection->most_docs);
    search->collection->scratch = NULL;
    if (!nearness.pairs || !nearness.words || !search->hits || !search->scratch)
        status = NO_MEMORY;
    if (!status && search->rescored)
        status = find_pairs(search, &nearness);
    if (!status && !nearness.pair_count && search->room > k)
        search->room = k; /* no bonus will change the order */
    if (!status) {
        if (cost_of(search) < LONG_SEARCH)
            status = run(search, &nearness);
        else {
            Py_BEGIN_ALLOW_THREADS
            status = run(search, &nearness);
            Py_END_ALLOW_THREADS
        }
    }
    if (search->collection->scratch) /* another search was quicker to give its own back */
        free_scratch(search->scratch);
    else
        search->collection->scratch = search->scratch;
    free_nearness(&nearness);
    return status ? raise_status(status) : hits_of(search, k, with_ids);
}

static PyObject *best(PyObject *self, PyObject *args, int with_ids)
{
    PyObject *slots, *allowed = Py_None;
    int all_words;
    Py_ssize_t k, rescored;
    if (!PyArg_ParseTuple(args, "O!pnn|O", &PyTuple_Type, &slots, &all_words, &k, &rescored, &allowed))
        return NULL;
    if (k < 0 || rescored < 0 || !PyTuple_GET_SIZE(slots)) {
        PyErr_SetString(PyExc_ValueError, "there must be a slot, and no number below 0");
        return NULL;
    }
    Search search = {0};
    PyObject *found = NULL;
    search.collection = (Collection *)self;
    search.all_words = all_words;
    if (take_slots(&search, slots) == 0 && take_allowed(&search, allowed) == 0)
        found = searched(&search, (size_t)k, (size_t)rescored, with_ids);
    for (size_t number = 0; search.allowed && number < search.collection->segment_count; number++)
        if (search.allowed[number].obj)
            PyBuffer_Release(&search.allowed[number]);
    PyMem_RawFree(search.allowed);
    PyMem_RawFree(search.slots);
    PyMem_RawFree(search.arms);
    PyMem_RawFree(search.hits);
    return found;
}

PyObject *collection_best(PyObject *self, PyObject *args) { return best(self, args, 0); }

PyObject *collection_best_ids(PyObject *self, PyObject *args) { return best(self, args, 1); }

/* -- the best documents of one phrase */

typedef struct {
    Search *search;
    double weight;
} PhraseBest;

static double phrase_score(const PhraseBest *best, size_t number, uint32_t doc, uint8_t code)
{
    const Collection *collection = best->search->collection;
    return best->weight * impact_of(collection, collection->segments[number], collection->norms[number], doc, code);
}

/* Whether a document may be among the best. A sum of products may differ in its last digits. */
static int may_be_best(void *state, size_t number, uint32_t doc, uint8_t most)
{
    PhraseBest *best = state;
    return best->search->hit_count < best->search->room
           || phrase_score(best, number, doc, most) * (1 + 1e-9) >= best->search->hits[0].score;
}

static void offer_phrase(void *state, size_t number, uint32_t doc, uint8_t code)
{
    PhraseBest *best = state;
    offer(best->search, number, doc, phrase_score(best, number, doc, code));
}

/* best_phrase_ids(words: tuple[Word, ...], k: int) */
PyObject *collection_best_phrase_ids(PyObject *self, PyObject *args)
{
    PyObject *words, *found = NULL;
    Py_ssize_t k;
    if (!PyArg_ParseTuple(args, "O!n", &PyTuple_Type, &words, &k) || take_phrase_words(self, words))
        return NULL;
    if (k < 1) {
        PyErr_SetString(PyExc_ValueError, "at least one document must be wanted");
        return NULL;
    }
    Search search = {.collection = (Collection *)self};
    for (size_t number = 0; number < search.collection->segment_count; number++)
        search.room += search.collection->segments[number]->doc_count;
    if (search.room > (size_t)k)
        search.room = (size_t)k;
    search.hits = PyMem_RawMalloc((search.room + 1) * sizeof(Hit));
    if (!search.hits)
        return PyErr_NoMemory();
    if (take_allowed(&search, Py_None) == 0) {
        PhraseBest best = {&search, (search.collection->lemma_weight + search.collection->stem_weight) * phrase_idf(words)};
        PhraseTaker taker = {.state = &best, .wants = may_be_best, .take = offer_phrase};
        Status status = find_phrase(words, &taker);
        if (!status) {
            sort_hits(&search);
            status = search.tie_status;
        }
        found = status ? raise_status(status) : hits_of(&search, search.room, 1);
    }
    PyMem_RawFree(search.allowed);
    PyMem_RawFree(search.hits);
    return found;
}
