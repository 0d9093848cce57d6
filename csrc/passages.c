/* Picks the passages of a text. search/snippets/passages.py is the definition, and has the reasons; names are the same. */
#include "picker.h"

enum { CLOSE_LOOKS = 6 };
static const double SHOWN_BEFORE = 0.2;

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

double worth_of(const Picker *picker, Mask mask)
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

Mask sum_of(const Picker *picker, size_t first, size_t last, size_t *pairs)
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
