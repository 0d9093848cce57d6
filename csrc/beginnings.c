/* The strings by which the forms of a word are looked for in texts. search/snippets/needles.py is the definition. */
#include "finder.h"
#include "lexicon.h"

enum { BEGINNING = 4, LONGEST_BEGINNING = 32, SHORT = 2, MOST_FORMS = 128, MANY_BEGINNINGS = 40 };

/* A form of letters that have one small letter each. */
typedef struct {
    Py_UCS2 letters[LONGEST_PLAIN]; /* in small letters, as it is looked for */
    size_t length;
    size_t common; /* how many of its letters are a beginning; 0: it shares that of another form, or is looked for as a whole */
    int repeats; /* a short form in other letters */
} Form;

typedef struct {
    Form items[MOST_FORMS];
    size_t count;
} Forms;

/* The small letter of a letter below U+0800; 0 if that is not so simple. */
static Py_UCS4 small_letter(Py_UCS4 c)
{
    if (c < 128 ? c - 'A' < 26u : c - 0x410 < 32u)
        return c + 32;
    if (c == 0x401)
        return 0x451;
    return c < 128 || Py_UNICODE_TOLOWER(c) == c ? c : 0;
}

/* Read a form, as the index has it into `letters`. 1: read; 0: only Python can tell what it is looked for by. */
static int read_form(const Segment *segment, uint64_t number, Py_UCS2 *letters, Form *form)
{
    const uint8_t *start;
    size_t length;
    form->length = 0;
    if (number >= section(segment, FORMS_ENDS)->count || string_at(segment, FORMS_BYTES, (size_t)number, &start, &length))
        return 0;
    for (size_t place = 0; place < length; place++) {
        Py_UCS4 c = start[place];
        if (c >= 0x80) {
            if (c < 0xc2 || c >= 0xe0 || ++place == length || (start[place] & 0xc0) != 0x80)
                return 0;
            c = (c & 0x1f) << 6 | (start[place] & 0x3f);
        }
        Py_UCS4 small = small_letter(c);
        if (c <= ' ' || !small || form->length == LONGEST_PLAIN)
            return 0;
        letters[form->length] = (Py_UCS2)c;
        form->letters[form->length++] = (Py_UCS2)small;
    }
    /* C++ and C# may have digits behind them, or a Cyrillic letter. */
    return form->length && form->letters[form->length - 1] != '+' && form->letters[form->length - 1] != '#';
}

static size_t in_common(const Form *one, const Form *other, size_t most)
{
    size_t place = 0;
    while (place < most && place < other->length && one->letters[place] == other->letters[place])
        place++;
    return place;
}

/* Gives how many beginnings and short forms there are. */
static size_t find_beginnings(Forms *forms)
{
    size_t count = 0;
    for (size_t place = 0; place < forms->count; place++) {
        Form *own = &forms->items[place];
        int is_short = own->length <= BEGINNING;
        own->common = is_short ? 0 : own->length;
        own->repeats = 0;
        for (size_t other = 0; (is_short ? !own->repeats : own->common != 0) && other < place; other++) {
            Form *before = &forms->items[other];
            if (is_short)
                own->repeats = before->length == own->length && in_common(own, before, BEGINNING) == own->length;
            else if (before->common && in_common(own, before, BEGINNING) == BEGINNING) {
                before->common = in_common(before, own, before->common);
                own->common = 0;
            }
        }
        count += own->common || (is_short && !own->repeats);
    }
    return count;
}

static int put_beginnings(Scan *scan, const Forms *forms, int quick, int *has_short)
{
    int status = 0;
    for (size_t place = 0; place < forms->count && status >= 0; place++) {
        const Form *form = &forms->items[place];
        if (form->common)
            status = put_needle(scan, form->letters, form->common < LONGEST_BEGINNING ? form->common : LONGEST_BEGINNING, 0, 0);
    }
    for (size_t place = 0; place < forms->count && status >= 0; place++) {
        const Form *form = &forms->items[place];
        if (form->length > BEGINNING || form->repeats)
            continue;
        *has_short |= form->length <= SHORT;
        if (!quick || form->length > SHORT)
            status = put_needle(scan, form->letters, form->length, 0, form->length);
        else
            for (int which = 0; which < 2 && status >= 0; which++)
                status = put_needle(scan, form->letters, form->length, which ? '\n' : ' ', form->length);
    }
    return status;
}

/* Add the needles of forms, quick ones too if they differ. */
static int put_needles(Scan *scan, Forms *forms, Asked *asked)
{
    int has_short = 0;
    asked->count = find_beginnings(forms);
    asked->quick = asked->thorough = begin_group(scan);
    if (put_beginnings(scan, forms, 0, &has_short) < 0)
        return -1;
    asked->quick_end = asked->thorough_end = scan->count;
    if (has_short) {
        asked->quick = begin_group(scan);
        if (put_beginnings(scan, forms, 1, &has_short) < 0)
            return -1;
        asked->quick_end = scan->count;
    }
    return 0;
}

/* Read the own forms of a word, as those of an answer or of a part of a phrase (below 0: of none). 1: read; 0: only Python can tell; below
   0: an exception is set. */
static int read_forms(const Word *word, size_t answer, int part, Forms *forms, Answers *table)
{
    Py_UCS2 letters[LONGEST_PLAIN];
    for (size_t number = 0; number < word->collection->segment_count && word->keys; number++) {
        const Part *own = &word->parts[number];
        for (size_t place = 0; place < own->form_count; place++) {
            Form *form = &forms->items[forms->count];
            if (forms->count == MOST_FORMS || !read_form(word->collection->segments[number], own->forms[place], letters, form))
                return 0;
            int is_new = part < 0 ? add_answer(table, letters, form->length, mask_of(answer))
                                  : add_part(table, letters, form->length, (size_t)part);
            if (is_new < 0)
                return -1;
            forms->count += (size_t)is_new;
        }
    }
    return word->keys != NULL;
}

/* Add the forms and needles of a word, or of any of some words. with_stem: whether there may be stand-ins. As read_forms. */
static int seek_words(Scan *scan, const Word *const *words, size_t count, size_t answer, int with_stem, Asked *asked)
{
    Forms forms;
    int status = 1;
    forms.count = 0;
    for (size_t number = 0; number < count && status > 0; number++)
        status = read_forms(words[number], answer, -1, &forms, &scan->table);
    if (status > 0 && ((!forms.count && !with_stem) || find_beginnings(&forms) > MANY_BEGINNINGS))
        status = 0;
    return status > 0 && put_needles(scan, &forms, asked) < 0 ? -1 : status;
}

/* The same for a phrase, behind all single words. */
static int seek_phrase(Scan *scan, const Word *const *words, Phrase *phrase)
{
    Forms forms, of_anchor;
    size_t longest = 0;
    int has_short = 0;
    of_anchor.count = 0;
    for (size_t place = 0; place < phrase->count; place++) {
        forms.count = 0;
        int status = read_forms(words[place], 0, (int)(phrase->first_part + place), &forms, &scan->table);
        if (status <= 0 || !forms.count)
            return status < 0 ? -1 : 0;
        size_t shortest = LONGEST_PLAIN;
        for (size_t which = 0; which < forms.count; which++)
            if (forms.items[which].length < shortest)
                shortest = forms.items[which].length;
        if (shortest > longest) {
            longest = shortest;
            phrase->anchor = place;
            of_anchor = forms;
        }
    }
    if (!of_anchor.count || find_beginnings(&of_anchor) > MANY_BEGINNINGS)
        return 0;
    phrase->needle = begin_group(scan);
    if (put_beginnings(scan, &of_anchor, 0, &has_short) < 0)
        return -1;
    phrase->needle_end = scan->count;
    return 1;
}

int seek_stem(Scan *scan, const Word *word, size_t answer, const Answers *own)
{
    Forms forms;
    Py_UCS2 letters[LONGEST_PLAIN];
    int has_short = 0;
    forms.count = 0;
    for (size_t number = 0; number < word->collection->segment_count; number++) {
        const Segment *segment = word->collection->segments[number];
        const Column *of_stems = section(segment, STEM_FORMS);
        size_t begin, end;
        if (word->parts[number].stem_number < 0)
            continue;
        if (row_of(section(segment, STEM_FORMS_ENDS), (size_t)word->parts[number].stem_number, of_stems->count, &begin, &end))
            return 0;
        for (size_t place = begin; place < end; place++) {
            if (forms.count == MOST_FORMS)
                return 0;
            Form *form = &forms.items[forms.count];
            if (!read_form(segment, item(of_stems, place), letters, form))
                return 0;
            const Answer *known = answer_of(own, letters, form->length);
            if (known && holds(known->mask, answer))
                continue;
            int is_new = add_answer(&scan->table, letters, form->length, mask_of(0));
            if (is_new < 0)
                return -1;
            forms.count += (size_t)is_new;
        }
    }
    find_beginnings(&forms);
    begin_group(scan);
    return put_beginnings(scan, &forms, 0, &has_short) < 0 ? -1 : 1;
}

/* -- words that Python hands over */

/* A word of a collection, or some in a tuple. Gives their number; 0 with an exception. */
static size_t take_group(PyObject *given, const Word *const **words)
{
    size_t count = PyTuple_Check(given) ? (size_t)PyTuple_GET_SIZE(given) : 1;
    const Word **group = PyMem_Calloc(count + 1, sizeof *group);
    *words = group;
    if (!group)
        PyErr_NoMemory();
    for (size_t place = 0; group && place < count; place++) {
        PyObject *word = PyTuple_Check(given) ? PyTuple_GET_ITEM(given, (Py_ssize_t)place) : given;
        if (Py_TYPE(word) != &WordType)
            break;
        group[place] = (const Word *)word;
    }
    if (group && count && group[count - 1])
        return count;
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "not words of a collection");
    PyMem_Free(group);
    return 0;
}

static int is_sought(int status)
{
    if (!status)
        PyErr_SetString(PyExc_NotImplementedError, "words that only Python can look for");
    return status > 0;
}

int take_words_of_collection(Highlighter *self, PyObject *words)
{
    self->words = Py_NewRef(words);
    for (size_t answer = 0; answer < self->asked_count; answer++) {
        PyObject *given = PyTuple_GET_ITEM(words, (Py_ssize_t)answer);
        const Word *const *group;
        size_t count = take_group(given, &group);
        if (!count)
            return -1;
        int with_stem = !PyTuple_Check(given) && group[0]->with_stem;
        if (with_stem)
            self->with_stand_ins = both(self->with_stand_ins, mask_of(answer));
        int status = seek_words(&self->scan, group, count, answer, with_stem, &self->asked[answer]);
        PyMem_Free((void *)group);
        if (!is_sought(status))
            return -1;
    }
    return 0;
}

int take_phrase_of_collection(Highlighter *self, PyObject *given, size_t first_part, Phrase *phrase)
{
    const Word *const *words;
    if (!PyTuple_Check(given)) {
        PyErr_SetString(PyExc_TypeError, "a phrase is a tuple");
        return -1;
    }
    phrase->first_part = first_part;
    phrase->count = take_group(given, &words);
    if (!phrase->count)
        return -1;
    int status = first_part + phrase->count <= MOST_ANSWERS ? seek_phrase(&self->scan, words, phrase) : 0;
    PyMem_Free((void *)words);
    return is_sought(status) ? 0 : -1;
}
