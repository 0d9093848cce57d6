/* Numbering: numbers the forms of the words of many texts.

   Words of one script whose form is the word in small letters are numbered here, by their form. What else a run of the
   characters of words may mean is asked of Python, once for each spelling. Texts are read without the GIL. */
#include "indexing.h"

enum { WAITING = 64, KEY_UNITS = 8192, LONGEST_PLAIN = 255 };
/* A token that is no form: the number of an expansion, or of a run too long to be kept. */
#define EXPANSION (UINT32_C(1) << 31)
#define LONG_RUN (UINT32_C(1) << 30)

#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)(address))
#endif

/* Forms that a run stands for. A spelling waits for its forms as long as they are not `known`. */
typedef struct {
    uint32_t hash, spelling; /* offset of its units */
    uint16_t length;
    size_t first, count; /* in the forms of all expansions */
} Expansion;

typedef struct {
    size_t text, start, length;
    size_t first, count;
} LongRun;

typedef struct {
    PyObject_HEAD
    Py_buffer kinds, small;
    Characters characters;
    Spellings spellings;
    PyObject *forms;        /* a list: the form of each number */
    PyObject *odd_numbers;  /* a dict: the numbers of forms that are no plain spelling */
    PyObject *forms_of_run; /* what to ask */
    PyObject *lower_headlines;
    Expansion *expansions;
    size_t expansion_count, expansion_room, known_expansions;
    LongRun *long_runs; /* of the call at hand */
    size_t long_count, long_room;
    Numbers expanded;   /* the forms of all expansions, then those of the long runs of the call at hand */
    Numbers new_plain;  /* (offset, length) of the spellings that got numbers and are not in `forms` yet */
    uint32_t form_count;
    int unusable;       /* a call is under way, or failed */
} Numbering;

/* -- reading texts */

/* A run of characters that waits for its number. Meanwhile the processor fetches its slot. */
typedef struct {
    uint32_t hash, key;
    uint16_t length;
    uint8_t is_plain;
} Waiting;

typedef struct {
    Numbering *numbering;
    Numbers tokens;
    Waiting waiting[WAITING];
    size_t waiting_count, key_count;
    uint16_t keys[KEY_UNITS + LONGEST_SPELLING + 2 * HASHED_AT_ONCE];
} Reading;

static Status new_number(Numbering *self, uint32_t *number)
{
    if (self->form_count >= LONG_RUN)
        return NO_MEMORY;
    *number = self->form_count++;
    return FINE;
}

/* The number of a new plain spelling. */
static Status learn_plain(Numbering *self, uint32_t hash, const uint16_t *units, size_t length, uint32_t *number)
{
    size_t offset = self->spellings.unit_count;
    if (make_room(&self->new_plain, 2) || new_number(self, number)
        || add_spelling(&self->spellings, hash, units, length, *number))
        return NO_MEMORY;
    self->new_plain.items[self->new_plain.count++] = (uint32_t)offset;
    self->new_plain.items[self->new_plain.count++] = (uint32_t)length;
    return FINE;
}

/* The expansion of a new odd spelling: Python will be asked for its forms. */
static Status learn_odd(Numbering *self, uint32_t hash, const uint16_t *units, size_t length, uint32_t *token)
{
    size_t offset = self->spellings.unit_count;
    if (self->expansion_count >= LONG_RUN)
        return NO_MEMORY;
    Expansion *expansions = with_room(self->expansions, &self->expansion_room, self->expansion_count, sizeof(Expansion));
    if (!expansions)
        return NO_MEMORY;
    self->expansions = expansions;
    *token = EXPANSION | (uint32_t)self->expansion_count;
    if (add_spelling(&self->spellings, hash, units, length, *token))
        return NO_MEMORY;
    self->expansions[self->expansion_count++] = (Expansion){hash, (uint32_t)offset, (uint16_t)length, 0, 0};
    return FINE;
}

static Status number_waiting(Reading *reading)
{
    Numbering *self = reading->numbering;
    if (make_room(&reading->tokens, reading->waiting_count))
        return NO_MEMORY;
    for (size_t place = 0; place < reading->waiting_count; place++) {
        const Waiting *run = &reading->waiting[place];
        const uint16_t *units = reading->keys + run->key;
        uint32_t number = find_spelling(&self->spellings, run->hash, units, run->length)->number;
        if (number == NO_NUMBER
            && (run->is_plain ? learn_plain(self, run->hash, units, run->length, &number)
                              : learn_odd(self, run->hash, units, run->length, &number)))
            return NO_MEMORY;
        reading->tokens.items[reading->tokens.count++] = number;
    }
    reading->waiting_count = reading->key_count = 0;
    return FINE;
}

static Status put_long_run(Reading *reading, size_t text, size_t start, size_t length)
{
    Numbering *self = reading->numbering;
    if (number_waiting(reading) || make_room(&reading->tokens, 1) || self->long_count >= LONG_RUN)
        return NO_MEMORY;
    LongRun *long_runs = with_room(self->long_runs, &self->long_room, self->long_count, sizeof(LongRun));
    if (!long_runs)
        return NO_MEMORY;
    self->long_runs = long_runs;
    reading->tokens.items[reading->tokens.count++] = EXPANSION | LONG_RUN | (uint32_t)self->long_count;
    self->long_runs[self->long_count++] = (LongRun){text, start, length, 0, 0};
    return FINE;
}

static inline size_t put_unit(uint16_t *units, size_t length, uint32_t character)
{
    if (character < 0x10000) {
        units[length] = (uint16_t)character;
        return length + 1;
    }
    units[length] = (uint16_t)(0xD800 + ((character - 0x10000) >> 10));
    units[length + 1] = (uint16_t)(0xDC00 + (character & 0x3FF));
    return length + 2;
}

/* Read the run that begins at *place. */
static inline Status read_run(Reading *reading, size_t number, const Text *text, int width, size_t *place)
{
    const Characters *characters = &reading->numbering->characters;
    uint16_t *units = reading->keys + reading->key_count;
    size_t start = *place, end = start, length = 0;
    unsigned all = 0, but_first = 0;
    while (end < text->count) {
        uint32_t character = PyUnicode_READ(width, text->data, end);
        unsigned kind = kind_of(characters, character);
        size_t taken = 1;
        if (!(kind & PART_OF_WORD)) {
            if (!(kind & MARK) || !(taken = mark_of_name(characters, text, end)))
                break;
            kind = ODD;
        }
        all |= kind;
        if (end > start)
            but_first |= kind;
        for (; taken; taken--, end++)
            if (length < LONGEST_SPELLING)
                length = put_unit(units, length, character < 0x10000 ? characters->small[character] : character);
            else
                length++;
    }
    *place = end;
    if (length > LONGEST_SPELLING)
        return put_long_run(reading, number, start, end - start);
    int is_plain = !(all & ODD) && (all & (LATIN | CYRILLIC)) != (LATIN | CYRILLIC) && !(but_first & CAPITAL)
                   && length <= LONGEST_PLAIN;
    if (!is_plain) {
        length = 0;
        for (size_t at = start; at < end; at++)
            length = put_unit(units, length, PyUnicode_READ(width, text->data, at));
    }
    uint32_t hash = hash_of(&reading->numbering->spellings, units, length);
    PREFETCH(slot_of(&reading->numbering->spellings, hash));
    reading->waiting[reading->waiting_count++] =
        (Waiting){hash, (uint32_t)reading->key_count, (uint16_t)length, (uint8_t)is_plain};
    reading->key_count += length;
    if (reading->waiting_count == WAITING || reading->key_count >= KEY_UNITS)
        return number_waiting(reading);
    return FINE;
}

static inline Status read_text(Reading *reading, size_t number, const Text *text, int width)
{
    const Characters *characters = &reading->numbering->characters;
    for (size_t place = 0; place < text->count;) {
        unsigned kind = kind_of(characters, PyUnicode_READ(width, text->data, place));
        if (!(kind & (PART_OF_WORD | MARK)) || (kind & MARK && !mark_of_name(characters, text, place)))
            place++;
        else if (read_run(reading, number, text, width, &place))
            return NO_MEMORY;
    }
    return FINE;
}

/* Number the runs of all texts. counts: how many each text has. */
static Status read_texts(Reading *reading, const Text *texts, size_t count, int64_t *counts)
{
    Status status = FINE;
    for (size_t number = 0; number < count && !status; number++) {
        size_t before = reading->tokens.count + reading->waiting_count;
        const Text *text = &texts[number];
        if (text->width == 1)
            status = read_text(reading, number, text, 1);
        else if (text->width == 2)
            status = read_text(reading, number, text, 2);
        else
            status = read_text(reading, number, text, 4);
        counts[number] = (int64_t)(reading->tokens.count + reading->waiting_count - before);
    }
    return status ? status : number_waiting(reading);
}

/* -- asking Python */

static PyObject *str_of_units(const uint16_t *units, size_t length)
{
    uint32_t characters[LONGEST_SPELLING];
    size_t count = 0;
    for (size_t place = 0; place < length; place++) {
        uint32_t unit = units[place];
        if ((unit & 0xFC00) == 0xD800 && place + 1 < length)
            unit = 0x10000 + ((unit & 0x3FF) << 10) + (units[++place] & 0x3FF);
        characters[count++] = unit;
    }
    return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, characters, (Py_ssize_t)count);
}

static int append_new_plain(Numbering *self)
{
    for (size_t place = 0; place < self->new_plain.count; place += 2) {
        PyObject *form = str_of_units(self->spellings.units + self->new_plain.items[place], self->new_plain.items[place + 1]);
        int failed = !form || PyList_Append(self->forms, form) < 0;
        Py_XDECREF(form);
        if (failed)
            return -1;
    }
    self->new_plain.count = 0;
    return 0;
}

/* The units of a form that is a plain spelling in small letters; 0 if it is none. */
static size_t plain_units(const Characters *characters, const Text *form, uint16_t *units)
{
    unsigned all = 0;
    if (!form->count || form->count > LONGEST_PLAIN)
        return 0;
    for (size_t place = 0; place < form->count; place++) {
        uint32_t character = PyUnicode_READ(form->width, form->data, place);
        unsigned kind = kind_of(characters, character);
        if (!(kind & PART_OF_WORD) || kind & (ODD | CAPITAL))
            return 0;
        units[place] = (uint16_t)character;
        all |= kind;
    }
    return (all & (LATIN | CYRILLIC)) == (LATIN | CYRILLIC) ? 0 : form->count;
}

/* The number of a form that Python has given. */
static int number_of_form(Numbering *self, PyObject *form, uint32_t *number)
{
    Text text;
    uint16_t units[LONGEST_PLAIN + HASHED_AT_ONCE];
    if (as_text(form, &text) < 0)
        return -1;
    size_t length = plain_units(&self->characters, &text, units);
    if (length) {
        uint32_t hash = hash_of(&self->spellings, units, length);
        *number = find_spelling(&self->spellings, hash, units, length)->number;
        if (*number != NO_NUMBER)
            return 0;
        if (learn_plain(self, hash, units, length, number)) {
            PyErr_NoMemory();
            return -1;
        }
        return append_new_plain(self);
    }
    PyObject *known = PyDict_GetItemWithError(self->odd_numbers, form);
    if (known) {
        *number = (uint32_t)PyLong_AsUnsignedLong(known);
        return 0;
    }
    if (PyErr_Occurred())
        return -1;
    if (new_number(self, number)) {
        PyErr_NoMemory();
        return -1;
    }
    PyObject *value = PyLong_FromUnsignedLong(*number);
    int failed = !value || PyDict_SetItem(self->odd_numbers, form, value) < 0 || PyList_Append(self->forms, form) < 0;
    Py_XDECREF(value);
    return failed ? -1 : 0;
}

/* Ask for the forms of a run; `run` is given away and may be NULL. Their numbers are added to `expanded`. */
static int ask(Numbering *self, PyObject *run, size_t *first, size_t *count)
{
    PyObject *forms = run ? PyObject_CallOneArg(self->forms_of_run, run) : NULL;
    Py_XDECREF(run);
    if (!forms)
        return -1;
    if (!PyList_Check(forms)) {
        Py_DECREF(forms);
        PyErr_SetString(PyExc_TypeError, "the forms of a run must be a list");
        return -1;
    }
    *first = self->expanded.count;
    for (Py_ssize_t place = 0; place < PyList_GET_SIZE(forms); place++) {
        uint32_t number;
        if (number_of_form(self, PyList_GET_ITEM(forms, place), &number) < 0)
            goto failed;
        if (make_room(&self->expanded, 1)) {
            PyErr_NoMemory();
            goto failed;
        }
        self->expanded.items[self->expanded.count++] = number;
    }
    *count = self->expanded.count - *first;
    Py_DECREF(forms);
    return 0;
failed:
    Py_DECREF(forms);
    return -1;
}

/* Ask for the forms of all spellings that wait for them. A spelling that is one form gets its number. */
static int ask_for_expansions(Numbering *self)
{
    for (; self->known_expansions < self->expansion_count; self->known_expansions++) {
        size_t which = self->known_expansions;
        Expansion *expansion = &self->expansions[which];
        const uint16_t *units = self->spellings.units + expansion->spelling;
        size_t first, count;
        if (ask(self, str_of_units(units, expansion->length), &first, &count) < 0)
            return -1;
        expansion = &self->expansions[which];
        expansion->first = first;
        expansion->count = count;
        if (count == 1) {
            units = self->spellings.units + expansion->spelling; /* they may have moved */
            find_spelling(&self->spellings, expansion->hash, units, expansion->length)->number = self->expanded.items[first];
        }
    }
    return 0;
}

static int ask_for_long_runs(Numbering *self, PyObject *texts)
{
    for (size_t number = 0; number < self->long_count; number++) {
        LongRun *run = &self->long_runs[number];
        PyObject *text = PyList_GET_ITEM(texts, (Py_ssize_t)run->text);
        PyObject *part = PyUnicode_Substring(text, (Py_ssize_t)run->start, (Py_ssize_t)(run->start + run->length));
        if (ask(self, part, &run->first, &run->count) < 0)
            return -1;
    }
    return 0;
}

/* -- answers */

static inline void expansion_of(const Numbering *self, uint32_t token, const uint32_t **forms, size_t *count)
{
    size_t first;
    if (token & LONG_RUN) {
        const LongRun *run = &self->long_runs[token & (LONG_RUN - 1)];
        first = run->first;
        *count = run->count;
    } else {
        const Expansion *expansion = &self->expansions[token & (LONG_RUN - 1)];
        first = expansion->first;
        *count = expansion->count;
    }
    *forms = self->expanded.items + first;
}

static size_t expanded_count(const Numbering *self, const Numbers *tokens)
{
    size_t total = tokens->count;
    for (size_t place = 0; place < tokens->count; place++)
        if (tokens->items[place] & EXPANSION) {
            const uint32_t *forms;
            size_t count;
            expansion_of(self, tokens->items[place], &forms, &count);
            total += count - 1; /* may wrap: there may be none */
        }
    return total;
}

/* Write the forms of all tokens; counts become those of forms. */
static void expand(const Numbering *self, const Numbers *tokens, size_t texts, int64_t *counts, uint32_t *into)
{
    const uint32_t *token = tokens->items;
    for (size_t text = 0; text < texts; text++) {
        uint32_t *begin = into;
        for (int64_t left = counts[text]; left; left--, token++) {
            if (!(*token & EXPANSION)) {
                *into++ = *token;
                continue;
            }
            const uint32_t *forms;
            size_t count;
            expansion_of(self, *token, &forms, &count);
            for (size_t place = 0; place < count; place++)
                *into++ = forms[place];
        }
        counts[text] = into - begin;
    }
}

/* Lower the headlines of the texts that may have some, and take all texts. */
static int take_texts(Numbering *self, PyObject *list, Text *texts)
{
    size_t count = (size_t)PyList_GET_SIZE(list);
    for (size_t number = 0; number < count; number++)
        if (as_text(PyList_GET_ITEM(list, (Py_ssize_t)number), &texts[number]) < 0)
            return -1;
    uint8_t *headlines = PyMem_RawMalloc(count + 1);
    if (!headlines) {
        PyErr_NoMemory();
        return -1;
    }
    Py_BEGIN_ALLOW_THREADS
    for (size_t number = 0; number < count; number++)
        headlines[number] = (uint8_t)may_have_headline(&self->characters, &texts[number]);
    Py_END_ALLOW_THREADS
    int failed = 0;
    for (size_t number = 0; number < count && !failed; number++) {
        if (!headlines[number])
            continue;
        PyObject *lowered = PyObject_CallOneArg(self->lower_headlines, PyList_GET_ITEM(list, (Py_ssize_t)number));
        failed = !lowered || as_text(lowered, &texts[number]) < 0;
        if (failed)
            Py_XDECREF(lowered);
        else
            PyList_SetItem(list, (Py_ssize_t)number, lowered);
    }
    PyMem_RawFree(headlines);
    return failed ? -1 : 0;
}

static PyObject *number_all(Numbering *self, PyObject *list, Text *texts, Reading *reading)
{
    size_t count = (size_t)PyList_GET_SIZE(list);
    PyObject *counts = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(count * sizeof(int64_t)));
    PyObject *tokens = NULL;
    if (!counts || take_texts(self, list, texts) < 0)
        goto done;
    int64_t *counted = (int64_t *)(void *)PyBytes_AS_STRING(counts);
    Status status;
    Py_BEGIN_ALLOW_THREADS
    status = read_texts(reading, texts, count, counted);
    Py_END_ALLOW_THREADS
    if (status) {
        raise_status(status);
        goto done;
    }
    size_t kept = 0; /* of `expanded`, when the long runs of this call are done with */
    if (append_new_plain(self) < 0 || ask_for_expansions(self) < 0)
        goto done;
    kept = self->expanded.count;
    if (ask_for_long_runs(self, list) < 0)
        goto done;
    size_t total = expanded_count(self, &reading->tokens);
    if (total > PY_SSIZE_T_MAX / sizeof(uint32_t)) {
        PyErr_NoMemory();
        goto done;
    }
    if ((tokens = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(total * sizeof(uint32_t)))) == NULL)
        goto done;
    Py_BEGIN_ALLOW_THREADS
    expand(self, &reading->tokens, count, counted, (uint32_t *)(void *)PyBytes_AS_STRING(tokens));
    Py_END_ALLOW_THREADS
    self->expanded.count = kept;
    self->long_count = 0;
done:
    if (!tokens) {
        Py_XDECREF(counts);
        return NULL;
    }
    return Py_BuildValue("(NN)", tokens, counts);
}

static PyObject *numbering_number(Numbering *self, PyObject *argument)
{
    if (self->unusable) {
        PyErr_SetString(PyExc_RuntimeError, "another call is under way, or failed");
        return NULL;
    }
    PyObject *list = PySequence_List(argument);
    if (!list)
        return NULL;
    self->unusable = 1;
    Text *texts = PyMem_RawCalloc((size_t)PyList_GET_SIZE(list) + 1, sizeof(Text));
    Reading *reading = PyMem_RawCalloc(1, sizeof(Reading));
    PyObject *answer = NULL;
    if (texts && reading) {
        reading->numbering = self;
        answer = number_all(self, list, texts, reading);
    } else
        PyErr_NoMemory();
    if (reading)
        PyMem_RawFree(reading->tokens.items);
    PyMem_RawFree(reading);
    PyMem_RawFree(texts);
    Py_DECREF(list);
    self->unusable = answer == NULL;
    return answer;
}

/* -- the type */

static Py_ssize_t numbering_length(Numbering *self)
{
    return (Py_ssize_t)self->spellings.count;
}

static PyObject *numbering_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    Py_buffer seeds = {0};
    PyObject *forms_of_run, *lower_headlines;
    (void)keywords;
    Numbering *self = (Numbering *)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    if (!PyArg_ParseTuple(args, "y*y*y*OO", &self->kinds, &self->small, &seeds, &forms_of_run, &lower_headlines)) {
        /* What was taken is given back by the parser; the type must not do it again. */
        memset(&self->kinds, 0, sizeof(Py_buffer));
        memset(&self->small, 0, sizeof(Py_buffer));
        Py_DECREF(self);
        return NULL;
    }
    uint64_t two[2];
    int fits = self->kinds.len == 0x10000 && self->small.len == 2 * 0x10000 && seeds.len == sizeof(two);
    if (fits)
        memcpy(two, seeds.buf, sizeof(two));
    PyBuffer_Release(&seeds);
    if (!fits) {
        PyErr_SetString(PyExc_ValueError, "tables of 65,536 characters and 16 random bytes are needed");
        Py_DECREF(self);
        return NULL;
    }
    self->characters = (Characters){self->kinds.buf, self->small.buf};
    self->forms_of_run = Py_NewRef(forms_of_run);
    self->lower_headlines = Py_NewRef(lower_headlines);
    self->forms = PyList_New(0);
    self->odd_numbers = PyDict_New();
    if (!self->forms || !self->odd_numbers || make_spellings(&self->spellings, two)) {
        if (!PyErr_Occurred())
            PyErr_NoMemory();
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void numbering_dealloc(Numbering *self)
{
    if (self->kinds.obj)
        PyBuffer_Release(&self->kinds);
    if (self->small.obj)
        PyBuffer_Release(&self->small);
    free_spellings(&self->spellings);
    Py_XDECREF(self->forms);
    Py_XDECREF(self->odd_numbers);
    Py_XDECREF(self->forms_of_run);
    Py_XDECREF(self->lower_headlines);
    PyMem_RawFree(self->expansions);
    PyMem_RawFree(self->long_runs);
    PyMem_RawFree(self->expanded.items);
    PyMem_RawFree(self->new_plain.items);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyObject *numbering_forms(Numbering *self, void *unused)
{
    (void)unused;
    return Py_NewRef(self->forms);
}

static PyMethodDef numbering_methods[] = {
    {"number", (PyCFunction)numbering_number, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};
static PyGetSetDef numbering_attributes[] = {
    {"forms", (getter)numbering_forms, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
static PySequenceMethods numbering_sequence = {.sq_length = (lenfunc)numbering_length};

PyTypeObject NumberingType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.Numbering",
    .tp_basicsize = sizeof(Numbering),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = numbering_new,
    .tp_dealloc = (destructor)numbering_dealloc,
    .tp_methods = numbering_methods,
    .tp_getset = numbering_attributes,
    .tp_as_sequence = &numbering_sequence,
};
