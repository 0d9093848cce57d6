/* The bonus of documents in which neighbours of the query stand side by side. search/ranking/nearness.py is the definition. */
#include "search.h"

/* Whether two words were asked for alike. Words are remembered for a while, so there may be two of the same. */
static int are_same(const Word *left, const Word *right)
{
    return left == right || (left->hash == right->hash && PyObject_RichCompareBool(left->keys, right->keys, Py_EQ) == 1
                             && PyObject_RichCompareBool(left->stem, right->stem, Py_EQ) == 1);
}

static size_t word_at(Nearness *nearness, Word *word)
{
    size_t place = 0;
    while (place < nearness->word_count && !are_same(nearness->words[place].word, word))
        place++;
    if (place == nearness->word_count)
        nearness->words[nearness->word_count++].word = word;
    return place;
}

Status find_pairs(const Search *search, Nearness *nearness)
{
    for (size_t slot = 0; slot + 1 < search->slot_count; slot++) {
        const Arm *left = search->slots[slot].arms, *right = search->slots[slot + 1].arms;
        if (!left->word->keys || !right->word->keys || are_same(left->word, right->word))
            continue; /* a phrase has no neighbours */
        Pair pair = {word_at(nearness, left->word), word_at(nearness, right->word), 0, 0};
        pair.weight = left->factor < right->factor ? left->factor : right->factor;
        size_t place = 0;
        while (place < nearness->pair_count && (nearness->pairs[place].left != pair.left || nearness->pairs[place].right != pair.right))
            place++;
        nearness->pairs[place] = pair;
        nearness->pair_count += place == nearness->pair_count;
    }
    for (size_t place = 0; place < nearness->word_count; place++) {
        Status status = need_word_places(nearness->words[place].word);
        if (status)
            return status;
    }
    return FINE;
}

static Status start_words(Nearness *nearness, size_t number)
{
    for (size_t place = 0; place < nearness->word_count; place++) {
        WordAt *at = &nearness->words[place];
        PyMem_RawFree(at->cursors);
        at->cursors = PyMem_RawCalloc(at->word->parts[number].word_places.count + 1, sizeof(Cursor));
        if (!at->cursors)
            return NO_MEMORY;
    }
    return FINE;
}

static void look_at(size_t number, WordAt *at, uint32_t doc)
{
    at->look = seek_places(&at->word->parts[number].word_places, at->cursors, doc) ? FOUND : ABSENT;
}

static Status read_word(const Segment *segment, size_t number, WordAt *at, uint32_t doc)
{
    if (at->look == READ)
        return FINE;
    at->look = READ;
    return read_places(segment, &at->word->parts[number].word_places, at->cursors, doc, &at->places);
}

/* How often a position is followed by one of the other word. */
static uint32_t count_following(const Numbers *left, const Numbers *right)
{
    uint32_t count = 0;
    for (size_t place = 0, next = 0; place < left->count; place++) {
        uint32_t wanted = left->items[place] + 1;
        while (next < right->count && right->items[next] < wanted)
            next++;
        if (next == right->count)
            break;
        count += right->items[next] == wanted;
    }
    return count;
}

static Status count_pairs(const Search *search, Nearness *nearness, size_t which)
{
    const Hit *hit = &search->hits[which];
    const Segment *segment = search->collection->segments[hit->segment];
    for (size_t place = 0; place < nearness->word_count; place++)
        nearness->words[place].look = UNSEEN;
    for (size_t place = 0; place < nearness->pair_count; place++) {
        Pair *pair = &nearness->pairs[place];
        WordAt *left = &nearness->words[pair->left], *right = &nearness->words[pair->right];
        Status status;
        if (left->look == UNSEEN)
            look_at(hit->segment, left, hit->doc);
        if (left->look != ABSENT && right->look == UNSEEN)
            look_at(hit->segment, right, hit->doc);
        if (left->look == ABSENT || right->look == ABSENT)
            continue;
        if ((status = read_word(segment, hit->segment, left, hit->doc)) || (status = read_word(segment, hit->segment, right, hit->doc)))
            return status;
        uint32_t freq = count_following(&left->places, &right->places);
        if (!freq)
            continue;
        if ((status = make_room(&nearness->freqs, 3)))
            return status;
        pair->doc_freq++;
        nearness->freqs.items[nearness->freqs.count++] = (uint32_t)place;
        nearness->freqs.items[nearness->freqs.count++] = (uint32_t)which;
        nearness->freqs.items[nearness->freqs.count++] = freq;
    }
    return FINE;
}

static inline int is_before(const Hit *left, const Hit *right)
{
    return left->segment != right->segment ? left->segment < right->segment : left->doc < right->doc;
}

/* Put hits in the order of their documents, each of which is there once. qsort would make a call for each comparison of a hundred. This is
   Shell's sort ("A high-speed sorting procedure", 1959) with Ciura's gaps. */
static void sort_by_place(Hit *hits, size_t count)
{
    static const size_t gaps[] = {701, 301, 132, 57, 23, 10, 4, 1};
    for (size_t which = 0; which < sizeof gaps / sizeof *gaps; which++)
        for (size_t gap = gaps[which], place = gap; place < count; place++) {
            Hit moved = hits[place];
            size_t at = place;
            for (; at >= gap && is_before(&moved, &hits[at - gap]); at -= gap)
                hits[at] = hits[at - gap];
            hits[at] = moved;
        }
}

Status add_bonus(Search *search, Nearness *nearness, size_t count)
{
    const Collection *collection = search->collection;
    const FieldParameters *pair_parameters = &collection->pair;
    sort_by_place(search->hits, count);
    for (size_t which = 0; which < count; which++) {
        Status status = FINE;
        if (!which || search->hits[which].segment != search->hits[which - 1].segment)
            status = start_words(nearness, search->hits[which].segment);
        if (!status)
            status = count_pairs(search, nearness, which);
        if (status)
            return status;
    }
    for (size_t place = 0; place < nearness->pair_count; place++) {
        Pair *pair = &nearness->pairs[place];
        pair->weight = pair_parameters->weight * pair->weight * idf_of((double)count, (double)pair->doc_freq);
    }
    for (size_t place = 0; place < nearness->freqs.count; place += 3) {
        const Pair *pair = &nearness->pairs[nearness->freqs.items[place]];
        Hit *hit = &search->hits[nearness->freqs.items[place + 1]];
        const Segment *segment = collection->segments[hit->segment];
        double freq = nearness->freqs.items[place + 2];
        double length = (double)title_length(segment, hit->doc) + (double)body_length(segment, hit->doc);
        double norm = length_norm(length, collection->average_text, pair_parameters);
        hit->score += pair->weight * (freq * (pair_parameters->k1 + 1.0) / (freq + norm));
    }
    return FINE;
}

void free_nearness(Nearness *nearness)
{
    for (size_t place = 0; place < nearness->word_count; place++) {
        PyMem_RawFree(nearness->words[place].cursors);
        PyMem_RawFree(nearness->words[place].places.items);
    }
    PyMem_RawFree(nearness->words);
    PyMem_RawFree(nearness->pairs);
    PyMem_RawFree(nearness->freqs.items);
}
