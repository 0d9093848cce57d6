/* The best hits of a search: which are kept, and in what order. search/ranking/page.py is the definition. */
#include "hits.h"

int has_later_id(Search *search, const Hit *left, const Hit *right)
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

void sink(Search *search, size_t place, size_t count)
{
    Hit *hits = search->hits, moved = hits[place];
    for (;;) {
        size_t child = 2 * place + 1;
        if (child >= count)
            break;
        if (child + 1 < count) { /* added, without a branch: which of the two is worse cannot be foreseen */
            double left = hits[child].score, right = hits[child + 1].score;
            child += left == right ? (size_t)has_later_id(search, &hits[child + 1], &hits[child]) : (size_t)(right < left);
        }
        if (!is_worse(search, &hits[child], &moved))
            break;
        hits[place] = hits[child];
        place = child;
    }
    hits[place] = moved;
}

void make_heap(Search *search)
{
    for (size_t place = search->hit_count / 2; place-- > 0;)
        sink(search, place, search->hit_count);
}

void keep_best(Search *search, size_t count)
{
    if (count < search->hit_count) {
        size_t all = search->hit_count;
        search->hit_count = count;
        make_heap(search);
        for (size_t place = count; count && place < all; place++)
            if (is_worse(search, &search->hits[0], &search->hits[place])) {
                search->hits[0] = search->hits[place];
                sink(search, 0, count);
            }
    }
    sort_hits(search);
}

void sort_hits(Search *search)
{
    make_heap(search);
    for (size_t count = search->hit_count; count > 1; count--) {
        Hit worst = search->hits[0];
        search->hits[0] = search->hits[count - 1];
        search->hits[count - 1] = worst;
        sink(search, 0, count - 1);
    }
}
