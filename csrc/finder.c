/* Finds the words of a query in a text. search/snippets/finder.py is the definition, and has the reasons; names are the same. */
#include "finder.h"

enum { CLOSE = 150, NEAR_STRETCHES = 12, FEW_NEEDLES = 3, MANY_BEGINNINGS = 40 };

static int by_start(const void *left, const void *right)
{
    Py_ssize_t a = ((const Place *)left)->start, b = ((const Place *)right)->start;
    return (a > b) - (a < b);
}

void put_in_order(Places *places)
{
    size_t kept = 0;
    int ascends = 1;
    for (size_t which = 1; which < places->count && ascends; which++)
        ascends = places->items[which - 1].start < places->items[which].start;
    if (ascends)
        return;
    qsort(places->items, places->count, sizeof(Place), by_start);
    for (size_t which = 1; which < places->count; which++)
        if (places->items[which].start == places->items[kept].start)
            places->items[kept].mask = both(places->items[kept].mask, places->items[which].mask);
        else
            places->items[++kept] = places->items[which];
    places->count = kept + 1;
}

/* One search of a text. */
typedef struct {
    Highlighter *self;
    const ShownText *text;
    Candidates candidates;
    Places *found;
    Places matches;
    size_t room[MOST_ANSWERS];
} Search;

static int matches_of(Search *search, size_t from, size_t to, size_t answer, size_t most)
{
    search->matches.count = 0;
    return add_matches(search->text, &search->self->scan, &search->candidates, from, to, (int)answer, most,
                       search->self->match_word, &search->matches);
}

/* Add those matches that answer something. */
static int keep_matches(Search *search)
{
    for (size_t which = 0; which < search->matches.count; which++)
        if (!is_empty(search->matches.items[which].mask) && add_place(search->found, search->matches.items[which]) < 0)
            return -1;
    return 0;
}

static size_t answers_among(const Places *matches, size_t answer)
{
    size_t count = 0;
    for (size_t which = 0; which < matches->count; which++)
        count += (size_t)holds(matches->items[which].mask, answer);
    return count;
}

/* Add places in a chunk for the words that have room for more. */
static int add_places(Search *search, Mask absent)
{
    for (size_t answer = 0; answer < search->self->asked_count; answer++) {
        const Asked *asked = &search->self->asked[answer];
        size_t left = search->room[answer];
        if (!left || holds(absent, answer))
            continue;
        if (matches_of(search, asked->quick, asked->quick_end, answer, left) < 0)
            return -1;
        if (left == PLACES && asked->quick_end - asked->quick > asked->thorough_end - asked->thorough
            && !answers_among(&search->matches, answer)
            && matches_of(search, asked->thorough, asked->thorough_end, answer, left) < 0)
            return -1;
        if (keep_matches(search) < 0)
            return -1;
        search->room[answer] = left - answers_among(&search->matches, answer);
    }
    return 0;
}

/* -- stand-ins */

/* Ask Python for stand-ins. */
static int ask_stand_in(Highlighter *self, size_t answer, StandIn *made)
{
    PyObject *given = PyObject_CallFunction(self->stand_in, "n", (Py_ssize_t)answer), *needles, *matcher;
    if (!given)
        return -1;
    made->exists = given != Py_None;
    int failed = made->exists
                 && (!PyTuple_Check(given) || !PyArg_ParseTuple(given, "OO", &needles, &matcher)
                     || take_matcher(&made->scan, matcher) < 0 || add_needles(&made->scan, needles) < 0);
    if (failed && !PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "stand-ins come as a tuple");
    Py_DECREF(given);
    return failed ? -1 : 1;
}

StandIn *stand_in_of(Highlighter *self, size_t answer)
{
    StandIn *kept = &self->stand_ins[answer], made = {.looked_up = 1};
    if (kept->looked_up)
        return kept->exists ? kept : NULL;
    int status = 0;
    if (self->words && !PyTuple_Check(PyTuple_GET_ITEM(self->words, (Py_ssize_t)answer))) {
        share_functions(&made.scan, &self->scan);
        status = seek_stem(&made.scan, (Word *)PyTuple_GET_ITEM(self->words, (Py_ssize_t)answer), answer, &self->scan.table);
        made.exists = made.scan.count > 0;
        if (!status)
            clear_scan(&made.scan);
    }
    if (!status)
        status = ask_stand_in(self, answer, &made);
    if (status < 0) {
        clear_scan(&made.scan);
        return NULL;
    }
    if (kept->looked_up) /* another thread was as fast */
        clear_scan(&made.scan);
    else
        *kept = made;
    return kept->exists ? kept : NULL;
}

/* Add places of the stand-ins of a word; *complete: whether there are no more. */
static int add_stand_ins(Search *search, size_t answer, Py_ssize_t read, int *complete)
{
    StandIn *stand_in = stand_in_of(search->self, answer);
    if (!stand_in)
        return PyErr_Occurred() ? -1 : 0;
    Candidates candidates = {0};
    int status = 0;
    search->matches.count = 0;
    for (Py_ssize_t base = 0; base < read && search->matches.count < PLACES && status >= 0; base += CHUNK) {
        status = find_candidates(search->text, &stand_in->scan, base, CHUNK, &candidates);
        if (status >= 0)
            status = add_matches(search->text, &stand_in->scan, &candidates, 0, stand_in->scan.count, 0, PLACES,
                                 search->self->match_word, &search->matches);
    }
    free_candidates(&candidates);
    *complete &= search->matches.count < PLACES;
    for (size_t which = 0; which < search->matches.count; which++)
        search->matches.items[which].mask = mask_of(answer);
    return status < 0 ? -1 : keep_matches(search);
}

/* -- words with more places */

static int add_near(Search *search)
{
    const ShownText *text = search->text;
    Places *found = search->found, others = {0};
    Mask everywhere = {0, 0};
    int status = 0;
    for (size_t answer = 0; answer < search->self->choice.answers; answer++)
        if (!search->room[answer])
            everywhere = both(everywhere, mask_of(answer));
    for (size_t answer = 0; answer < search->self->asked_count && status >= 0; answer++) {
        const Asked *asked = &search->self->asked[answer];
        if (search->room[answer] || asked->count > FEW_NEEDLES)
            continue;
        Py_ssize_t done = 0;
        for (size_t which = 0; which < found->count; which++)
            if (holds(found->items[which].mask, answer))
                done = found->items[which].start + 1;
        others.count = 0;
        for (size_t which = 0; which < found->count && others.count < NEAR_STRETCHES && status >= 0; which++)
            if (found->items[which].start >= done && !is_empty(but(found->items[which].mask, everywhere)))
                status = add_place(&others, found->items[which]);
        for (size_t which = 0; which < others.count && status >= 0; which++) {
            Py_ssize_t low = others.items[which].start - CLOSE, high = others.items[which].end + CLOSE;
            low = low > done ? low : done;
            high = high < text->size ? high : text->size;
            if (low >= high)
                continue;
            done = high;
            status = find_candidates(text, &search->self->scan, low, high - low, &search->candidates);
            if (status >= 0)
                status = matches_of(search, asked->thorough, asked->thorough_end, answer, 0);
            if (status >= 0)
                status = keep_matches(search);
        }
        put_in_order(found);
    }
    PyMem_RawFree(others.items);
    return status;
}

/* -- the whole */

static int search_text(Search *search, Mask absent_words, Mask absent_stand_ins, Found *found)
{
    Highlighter *self = search->self;
    const ShownText *text = search->text;
    size_t more = 0;
    int complete = 1, has_room = 1, is_full = 0;
    Py_ssize_t read = 0;
    for (; read < text->size && has_room; read += CHUNK) {
        if (find_candidates(text, &self->scan, read, CHUNK, &search->candidates) < 0 || add_places(search, absent_words) < 0
            || add_phrases(text, self, &search->candidates, search->room, 1, search->found) < 0)
            return -1;
        has_room = 0;
        for (size_t answer = 0; answer < self->choice.answers; answer++)
            has_room |= search->room[answer] > 0;
    }
    if (search->candidates.is_odd)
        return 0;
    put_in_order(search->found);
    Mask missing = {0, 0};
    for (size_t answer = 0; answer < self->choice.answers; answer++) {
        if (search->room[answer] == PLACES)
            missing = both(missing, mask_of(answer));
        is_full |= !search->room[answer];
    }
    if (!is_empty(but(missing, absent_words))
        && (search->found->count ? search->candidates.has_marks : !PyUnicode_IS_ASCII(text->object))) {
        int may_hide = may_hide_words(self, text, 0, text->size);
        if (may_hide)
            return may_hide < 0 ? -1 : 0; /* there may be spellings that needles do not find */
    }
    Mask stood_in = but((Mask){missing.low & self->with_stand_ins.low, missing.high & self->with_stand_ins.high},
                        absent_stand_ins);
    for (size_t answer = 0; answer < self->asked_count; answer++)
        if (holds(stood_in, answer) && add_stand_ins(search, answer, read, &complete) < 0)
            return -1;
    put_in_order(search->found);
    if (search->found->count > PLACES && is_full && add_near(search) < 0)
        return -1;
    if (search->candidates.is_odd)
        return 0;
    found->missing = stood_in;
    for (size_t answer = 0; answer < self->asked_count; answer++) {
        const Asked *asked = &self->asked[answer];
        size_t thorough = asked->thorough_end - asked->thorough;
        if (!search->room[answer] || (asked->quick_end - asked->quick > thorough && search->room[answer] < PLACES)) {
            found->unsure = both(found->unsure, mask_of(answer));
            more += thorough;
        }
    }
    for (size_t answer = self->asked_count; answer < self->choice.answers; answer++)
        complete &= search->room[answer] > 0;
    found->is_any_unsure = !complete || more > MANY_BEGINNINGS;
    return 1;
}

int find_places(Highlighter *self, const ShownText *text, Mask absent_words, Mask absent_stand_ins, Found *found)
{
    Search search = {.self = self, .text = text, .found = &found->places};
    for (size_t answer = 0; answer < self->choice.answers; answer++)
        search.room[answer] = PLACES;
    int status = search_text(&search, absent_words, absent_stand_ins, found);
    free_candidates(&search.candidates);
    PyMem_RawFree(search.matches.items);
    return status;
}
