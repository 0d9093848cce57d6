/* Makes a passage around places of a text. search/snippets/passages.py is the definition, and has the reasons; names are the same. */
#include "picker.h"

enum { SLACK = 40 };

static Bounds bounds_of(const Picker *picker, Py_ssize_t start, Py_ssize_t end)
{
    Bounds bounds = picker->whole;
    for (size_t which = 0; which < picker->picked.count; which++) {
        const Passage *passage = &picker->picked.items[which];
        if (bounds.floor < passage->end && passage->end <= start) {
            bounds.floor = passage->end;
            bounds.begins = !passage->tail;
        } else if (end <= passage->start && passage->start < bounds.ceiling) {
            bounds.ceiling = passage->start;
            bounds.ends = !passage->head;
        }
    }
    return bounds;
}

static Py_ssize_t start_of(Picker *picker, Py_ssize_t position, const Bounds *bounds)
{
    Py_ssize_t back = position - picker->choice->max_chars - SLACK;
    if (back > bounds->floor)
        return sentence_start(picker->text, picker->language, position, back);
    Py_ssize_t start = sentence_start(picker->text, picker->language, position, bounds->floor);
    return start < 0 && bounds->begins ? skip_blanks(picker->text, bounds->floor, position) : start;
}

static Py_ssize_t stop_of(Picker *picker, Py_ssize_t start, Py_ssize_t position, Py_ssize_t limit, const Bounds *bounds)
{
    limit += SLACK;
    if (limit < bounds->ceiling)
        return sentence_stop(picker->text, picker->language, start, position, limit);
    Py_ssize_t stop = sentence_stop(picker->text, picker->language, start, position, bounds->ceiling);
    return stop < 0 && bounds->ends ? strip_blanks(picker->text, position, bounds->ceiling) : stop;
}

static size_t last_before(const Picker *picker, Py_ssize_t stop, size_t last)
{
    while (last + 1 < picker->count && picker->places[last + 1].start < stop)
        last++;
    return last;
}

static int is_too_long(const Picker *picker, Py_ssize_t start, Py_ssize_t stop)
{
    return stop - start > picker->choice->max_chars && folded_size(picker->text, start, stop) > picker->choice->max_chars;
}

static size_t find_sentences(Picker *picker, Py_ssize_t start, Py_ssize_t stop, size_t first, size_t last, Bounds bounds)
{
    size_t count = 0;
    for (;;) {
        size_t within = last_before(picker, stop, first);
        if (is_too_long(picker, start, stop))
            return count;
        picker->sentences[count++] = (Sentence){start, stop, first, within};
        first = within + 1;
        if (first > last)
            return count;
        bounds.floor = stop;
        bounds.begins = 1;
        start = start_of(picker, picker->places[first].start, &bounds);
        stop = start >= 0 ? stop_of(picker, start, picker->places[first].end, start + picker->choice->max_chars, &bounds) : -1;
        if (stop < 0 || picker->language->failed) /* the sentence is too long; its places have runs of their own */
            return count;
    }
}

/* The best passage of neighbouring sentences that fit together. */
static Passage best_group(const Picker *picker, size_t count)
{
    Passage best = {0};
    double best_value = -1;
    for (size_t number = 0; number < count; number++) {
        Sentence group = picker->sentences[number];
        for (size_t following = number; following < count; following++) {
            if (following > number) {
                const Sentence *behind = &picker->sentences[following];
                if (count_lines(picker->text, group.stop, behind->start) > 1 || behind->first != group.last + 1)
                    break;
                group.stop = behind->stop;
                group.last = behind->last;
                if (is_too_long(picker, group.start, group.stop))
                    break;
            }
            size_t pairs;
            Mask mask = sum_of(picker, group.first, group.last, &pairs);
            double value = worth_of(picker, mask) + (double)pairs * picker->choice->side_by_side;
            if (value > best_value) {
                best = (Passage){.start = group.start, .end = group.stop, .first = group.first, .last = group.last};
                best_value = value;
            }
        }
    }
    return best;
}

/* Add the sentence behind a passage, if it belongs there. */
static int extend_behind(Picker *picker, Passage *passage, Py_ssize_t *size, int says_little, const Bounds *bounds)
{
    Py_ssize_t room = picker->choice->max_chars - *size - 1;
    size_t following = passage->last + 1;
    int near = following < picker->count && picker->places[following].end - passage->end <= room;
    if (!near && !says_little)
        return 0;
    Py_ssize_t start = skip_blanks(picker->text, passage->end, bounds->ceiling);
    Py_ssize_t line_ends = count_lines(picker->text, passage->end, start);
    if (start >= bounds->ceiling || line_ends > near)
        return 0;
    Py_ssize_t end = stop_of(picker, start, start, start + room, bounds), added;
    int has_word = near && picker->places[following].start < end;
    if (end < 0 || !(has_word || (says_little && !line_ends)) || (added = folded_size(picker->text, start, end)) > room)
        return 0;
    passage->end = end;
    passage->last = last_before(picker, end, passage->last);
    *size += 1 + added;
    return 1;
}

static int extend_before(Picker *picker, Passage *passage, Py_ssize_t *size, int says_little, const Bounds *bounds)
{
    Py_ssize_t room = picker->choice->max_chars - *size - 1;
    size_t before = passage->first; /* the place behind the one before */
    int near = before > 0 && passage->start - picker->places[before - 1].start <= room;
    if (!near && !says_little)
        return 0;
    Py_ssize_t end = strip_blanks(picker->text, bounds->floor, passage->start);
    Py_ssize_t line_ends = count_lines(picker->text, end, passage->start);
    if (end <= bounds->floor || line_ends > near)
        return 0;
    Py_ssize_t start = start_of(picker, end - 1, bounds), added;
    int has_word = near && picker->places[before - 1].start >= start;
    if (start < 0 || !(has_word || (says_little && !line_ends)) || (added = folded_size(picker->text, start, end)) > room)
        return 0;
    while (before > 0 && picker->places[before - 1].start >= start)
        before--;
    passage->start = start;
    passage->first = before;
    *size += 1 + added;
    return 1;
}

static void extend(Picker *picker, Passage *passage, Py_ssize_t size, const Bounds *bounds)
{
    int goes_on = 1;
    while (goes_on && !picker->language->failed) {
        int says_little = size < picker->choice->max_chars / 3;
        goes_on = extend_behind(picker, passage, &size, says_little, bounds)
                  || extend_before(picker, passage, &size, says_little, bounds);
    }
}

static Passage window(Picker *picker, size_t first, size_t last, Py_ssize_t low, const Bounds *bounds)
{
    Py_ssize_t max_chars = picker->choice->max_chars;
    Py_ssize_t core_start = picker->places[first].start, core_end = picker->places[last].end;
    int head = low < 0;
    if (head)
        low = core_start - max_chars > bounds->floor ? core_start - max_chars : bounds->floor;
    Py_ssize_t from = core_end - max_chars > low ? core_end - max_chars : low;
    Py_ssize_t high = stop_of(picker, from, core_end, core_end + max_chars, bounds);
    int tail = high < 0;
    if (tail)
        high = core_end + max_chars < bounds->ceiling ? core_end + max_chars : bounds->ceiling;
    Py_ssize_t start, end, size = high > low ? high - low : 0;
    cut_at_words(picker->text, low, size, core_start - low, core_end - low, head, tail, max_chars, &start, &end);
    Passage passage = {.start = low + start, .end = low + end, .first = first};
    passage.head = head || start > 0;
    passage.tail = tail || end < size;
    while (passage.first && picker->places[passage.first - 1].start >= passage.start)
        passage.first--;
    passage.last = last_before(picker, passage.end, last);
    return passage;
}

Passage passage_of(Picker *picker, size_t first, size_t last)
{
    const ShownText *text = picker->text;
    const Place *places = picker->places;
    Py_ssize_t max_chars = picker->choice->max_chars, position = places[first].start, end = places[first].end;
    Bounds bounds = bounds_of(picker, position, end);
    Py_ssize_t start = start_of(picker, position, &bounds);
    Py_ssize_t stop = start >= 0 ? stop_of(picker, start, end, start + max_chars, &bounds) : -1;
    Passage passage = {0};
    if (stop < 0 || folded_size(text, start, stop) > max_chars)
        passage = window(picker, first, last, start, &bounds); /* no sentence around the place fits */
    else {
        /* The run may begin or end inside the sentence. */
        while (first && places[first - 1].start >= start)
            first--;
        if (stop >= places[last].end)
            passage = (Passage){.start = start, .end = stop, .first = first, .last = last_before(picker, stop, last)};
        else
            passage = best_group(picker, find_sentences(picker, start, stop, first, last, bounds));
        Py_ssize_t size = folded_size(text, passage.start, passage.end), room = max_chars - size - 1;
        if (size < max_chars / 3
            || (passage.last + 1 < picker->count && places[passage.last + 1].end - passage.end <= room)
            || (passage.first && passage.start - places[passage.first - 1].start <= room))
            extend(picker, &passage, size, &bounds);
    }
    passage.mask = sum_of(picker, passage.first, passage.last, &passage.pairs);
    return passage;
}
