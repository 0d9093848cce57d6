/* Picks the passages of a text. search/snippets/passages.py is the definition, and has the reasons; names are the same. */
#include "passages.h"

enum { SLACK = 40, CLOSE_LOOKS = 6 };
static const double SHOWN_BEFORE = 0.2;

typedef struct {
    size_t first, last;
    Mask mask;
    size_t pairs;
    int looked_at; /* then `passage` is what was seen */
    Passage passage;
} Run;

typedef struct {
    Run *items;
    size_t count, room;
} Runs;

typedef struct {
    Py_ssize_t start, stop;
    size_t first, last;
} Sentence;

typedef struct {
    Py_ssize_t floor;
    int begins;
    Py_ssize_t ceiling;
    int ends;
} Bounds;

typedef struct {
    const ShownText *text;
    Language *language;
    const Choice *choice;
    const Place *places;
    size_t count;
    Bounds whole;
    Passages picked;
    size_t picked_room;
    PyObject *texts; /* a set of passages that are shown */
    Mask shown;
    Runs runs, spare;
    Sentence *sentences; /* room for one a place */
    Mask *pairs; /* room for two masks a place */
} Picker;

static void *no_memory(Picker *picker)
{
    if (!picker->language->failed)
        PyErr_NoMemory();
    picker->language->failed = 1;
    return NULL;
}

static void add_run(Picker *picker, Runs *runs, Run run)
{
    Run *items = with_room(runs->items, &runs->room, runs->count, sizeof(Run));
    if (!items) {
        no_memory(picker);
        return;
    }
    runs->items = items;
    runs->items[runs->count++] = run;
}

/* -- worth */

static double worth_of(const Picker *picker, Mask mask)
{
    const Choice *choice = picker->choice;
    double worth = 0;
    for (int half = 0; half < 2; half++) {
        uint64_t left = half ? mask.high : mask.low;
        for (size_t answer = 64 * (size_t)half; left; left >>= 1, answer++)
            if ((left & 1) && answer < choice->answers)
                worth += holds(picker->shown, answer) ? choice->weights[answer] * SHOWN_BEFORE : choice->weights[answer];
    }
    return worth;
}

/* What the places answer together, and how many pairs of different words are side by side. */
static Mask sum_of(const Picker *picker, size_t first, size_t last, size_t *pairs)
{
    const Place *places = picker->places;
    Mask everything = places[first].mask;
    size_t count = 0;
    for (size_t place = first + 1; place <= last; place++) {
        Mask mask = places[place - 1].mask, other = places[place].mask;
        everything = both(everything, other);
        if (places[place].start - places[place - 1].end <= 2 && !same(other, mask)) {
            size_t known = 0;
            while (known < count && !(same(picker->pairs[2 * known], mask) && same(picker->pairs[2 * known + 1], other)))
                known++;
            if (known == count) {
                picker->pairs[2 * count] = mask;
                picker->pairs[2 * count++ + 1] = other;
            }
        }
    }
    *pairs = count;
    return everything;
}

static Run run_of(const Picker *picker, size_t first, size_t last)
{
    Run run = {.first = first, .last = last};
    run.mask = sum_of(picker, first, last, &run.pairs);
    return run;
}

/* -- runs: places that may be shown together */

static void find_runs(Picker *picker)
{
    const Place *places = picker->places;
    Py_ssize_t room = picker->choice->max_chars - 2;
    size_t final = picker->count - 1, reach = 0, last = 0;
    int any = 0;
    for (size_t first = 0; first <= final; first++) {
        if (reach < first)
            reach = first;
        Py_ssize_t limit = places[first].start + room;
        while (reach < final) {
            Py_ssize_t end = places[reach].end;
            const Place *following = &places[reach + 1];
            if (following->end > limit
                || (following->start > end + 1 && count_lines(picker->text, end, following->start) > 1))
                break;
            reach++;
        }
        if (!any || reach > last) { /* else the run is the tail of the one before */
            add_run(picker, &picker->runs, run_of(picker, first, reach));
            last = reach;
            any = 1;
        }
    }
}

/* Add the parts of a run outside a passage. */
static void add_outside(Picker *picker, Runs *runs, const Run *run, const Passage *passage)
{
    if (run->last < passage->first || run->first > passage->last) {
        int apart = !run->looked_at || run->passage.end <= passage->start || run->passage.start >= passage->end;
        add_run(picker, runs, apart ? *run : run_of(picker, run->first, run->last));
        return;
    }
    if (run->first < passage->first)
        add_run(picker, runs, run_of(picker, run->first, passage->first - 1));
    if (run->last > passage->last)
        add_run(picker, runs, run_of(picker, passage->last + 1, run->last));
}

/* Of the runs that begin at one place, keep the longest alone; those that were looked at stay, behind the others. */
static void keep_longest(Picker *picker, Runs *runs)
{
    Runs *kept = &picker->spare;
    kept->count = 0;
    for (size_t which = 0; which < runs->count; which++) {
        const Run *run = &runs->items[which];
        size_t other = 0;
        if (run->looked_at)
            continue;
        while (other < kept->count && kept->items[other].first != run->first)
            other++;
        if (other == kept->count)
            add_run(picker, kept, *run);
        else if (run->last > kept->items[other].last)
            kept->items[other] = *run;
    }
    for (size_t which = 0; which < runs->count; which++)
        if (runs->items[which].looked_at)
            add_run(picker, kept, runs->items[which]);
    Runs swapped = *runs;
    *runs = *kept;
    *kept = swapped;
}

/* -- making passages */

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

/* The best passage with places of the run. */
static Passage passage_of(Picker *picker, size_t first, size_t last)
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

/* -- choosing among runs */

static size_t best_run(const Picker *picker)
{
    const Runs *runs = &picker->runs;
    size_t best = 0;
    double best_value = -1;
    if (runs->count < 2 || picker->choice->answers < 2)
        return 0;
    for (size_t which = 0; which < runs->count; which++) {
        const Run *run = &runs->items[which];
        double value = worth_of(picker, run->mask) + (double)run->pairs * picker->choice->side_by_side;
        if (value > best_value || (value == best_value && run->first < runs->items[best].first)) {
            best = which;
            best_value = value;
        }
    }
    return best;
}

static int add_picked(Picker *picker, const Passage *passage, PyObject *text)
{
    Passages *picked = &picker->picked;
    Passage *items = with_room(picked->items, &picker->picked_room, picked->count, sizeof(Passage));
    if (!items) {
        no_memory(picker);
        return -1;
    }
    picked->items = items;
    picked->items[picked->count] = *passage;
    picked->items[picked->count++].text = Py_NewRef(text);
    return 0;
}

/* Take a passage unless its text is shown already. Gives whether it is; below 0 for an exception. */
static int take_passage(Picker *picker, const Passage *passage)
{
    int is_cut = passage->head || passage->tail, repeated = -1;
    PyObject *folded = folded_text(picker->text, passage->start, passage->end, 0, 0), *text = NULL;
    if (folded)
        text = is_cut ? folded_text(picker->text, passage->start, passage->end, passage->head, passage->tail) : Py_NewRef(folded);
    if (text && (repeated = PySet_Contains(picker->texts, folded)) == 0 && is_cut)
        repeated = PySet_Contains(picker->texts, text);
    if (!repeated
        && (PySet_Add(picker->texts, folded) < 0 || (is_cut && PySet_Add(picker->texts, text) < 0)
            || add_picked(picker, passage, text) < 0))
        repeated = -1;
    Py_XDECREF(folded);
    Py_XDECREF(text);
    picker->language->failed |= repeated < 0;
    return repeated;
}

static void pick(Picker *picker)
{
    Runs *runs = &picker->runs, *left = &picker->spare;
    size_t looks = CLOSE_LOOKS * picker->choice->most;
    find_runs(picker);
    while (!picker->language->failed) {
        size_t which = best_run(picker);
        Run best = runs->items[which];
        Passage passage = best.looked_at ? best.passage : passage_of(picker, best.first, best.last);
        if (picker->language->failed)
            return;
        if (!best.looked_at && (!same(passage.mask, best.mask) || passage.pairs < best.pairs) && looks && runs->count > 1) {
            /* The sentences of the run do not fit together. So the passage may be no better than others. */
            looks--;
            memmove(runs->items + which, runs->items + which + 1, (runs->count - which - 1) * sizeof(Run));
            runs->count--;
            add_outside(picker, runs, &best, &passage);
            add_run(picker, runs, (Run){passage.first, passage.last, passage.mask, passage.pairs, 1, passage});
            continue;
        }
        picker->shown = both(picker->shown, passage.mask);
        int repeated = take_passage(picker, &passage);
        if (repeated < 0 || picker->picked.count == picker->choice->most)
            return;
        left->count = 0;
        for (size_t each = 0; each < runs->count; each++) {
            Run *run = &runs->items[each];
            if (!run->looked_at && (run->last < passage.first || run->first > passage.last))
                add_run(picker, left, *run);
            else if (run->first < passage.first || run->last > passage.last)
                add_outside(picker, left, run, &passage);
        }
        Runs swapped = *runs;
        *runs = *left;
        *left = swapped;
        if (repeated)
            keep_longest(picker, runs);
        if (!runs->count)
            return;
    }
}

void free_passages(Passages *passages)
{
    for (size_t which = 0; which < passages->count; which++)
        Py_XDECREF(passages->items[which].text);
    PyMem_RawFree(passages->items);
}

static void sort_by_start(Passages *passages)
{
    for (size_t which = 1; which < passages->count; which++) {
        Passage passage = passages->items[which];
        size_t place = which;
        for (; place && passages->items[place - 1].start > passage.start; place--)
            passages->items[place] = passages->items[place - 1];
        passages->items[place] = passage;
    }
}

int pick_passages(const ShownText *text, Language *language, const Choice *choice, const Place *places, size_t count,
                  Py_ssize_t floor, int sentence_begins, Passages *passages)
{
    Picker picker = {text, language, choice, places, count, {floor, sentence_begins, text->size, 1}};
    picker.sentences = PyMem_Calloc(count, sizeof(Sentence));
    picker.pairs = PyMem_Calloc(count, 2 * sizeof(Mask));
    picker.texts = PySet_New(NULL);
    if (!picker.sentences || !picker.pairs)
        no_memory(&picker);
    else if (!picker.texts)
        language->failed = 1;
    else
        pick(&picker);
    PyMem_Free(picker.sentences);
    PyMem_Free(picker.pairs);
    PyMem_RawFree(picker.runs.items);
    PyMem_RawFree(picker.spare.items);
    Py_XDECREF(picker.texts);
    if (language->failed) {
        free_passages(&picker.picked);
        return -1;
    }
    sort_by_start(&picker.picked);
    *passages = picker.picked;
    return 0;
}
