/* invert: turns the tokens of many documents into posting lists and positions; indexer/codec/inversion.py is the definition.

   Nothing is sorted. Documents come in order, so two passes over the tokens are enough: the first counts how long each list
   becomes, the second writes each posting behind the last one of its list. */
#include "indexing.h"
#include <stdlib.h>

enum { INPUTS = 8, OUTPUTS = 9 };
enum { LIST_SIZES, DOCS, CODES, EXACT_ROW, EXACT_FREQ, EXACT_TITLE_FREQ, PLACE_COUNTS, POSITION, TAG };

typedef struct {
    const uint32_t *tokens, *titles, *bodies, *keywords; /* form numbers; lengths of each document */
    const uint32_t *form_stems, *form_tags;              /* of each form */
    const uint64_t *row_ends;                            /* the lists of the keys of each form */
    const uint32_t *rows;
    size_t token_count, doc_count, form_count, row_count, stem_count, list_count;
} Input;

/* A list while documents are read. Its frequencies are those in the document at hand. */
typedef struct {
    uint64_t next; /* where its next posting goes */
    uint32_t doc, freq, title_freq;
} Building;

typedef struct {
    uint64_t row, freq, title_freq;
} Exact;

#define NO_DOC UINT32_MAX

static int fits(const Input *input)
{
    uint64_t tokens = 0;
    for (size_t doc = 0; doc < input->doc_count; doc++)
        tokens += (uint64_t)input->titles[doc] + input->bodies[doc] + input->keywords[doc];
    if (tokens != input->token_count || input->doc_count >= NO_DOC || input->stem_count > input->list_count)
        return 0;
    for (size_t form = 0; form < input->form_count; form++)
        if (input->form_stems[form] >= input->stem_count || input->row_ends[form] > input->row_count
            || (form && input->row_ends[form] < input->row_ends[form - 1]))
            return 0;
    for (size_t row = 0; row < input->row_count; row++)
        if (input->rows[row] >= input->list_count)
            return 0;
    for (size_t token = 0; token < input->token_count; token++)
        if (input->tokens[token] >= input->form_count)
            return 0;
    return 1;
}

static inline size_t length_of(const Input *input, size_t doc)
{
    return (size_t)input->titles[doc] + input->bodies[doc] + input->keywords[doc];
}

static inline void count_in(uint32_t *last_doc, uint64_t *sizes, uint32_t list, uint32_t doc)
{
    if (last_doc[list] != doc) {
        last_doc[list] = doc;
        sizes[list]++;
    }
}

/* How many postings each list gets, and how many tokens each stem. last_doc: room for a number a list. */
static void count(const Input *input, uint32_t *last_doc, uint64_t *list_sizes, uint64_t *place_counts)
{
    memset(last_doc, 0xFF, input->list_count * sizeof(uint32_t));
    memset(list_sizes, 0, input->list_count * sizeof(uint64_t));
    memset(place_counts, 0, input->stem_count * sizeof(uint64_t));
    const uint32_t *token = input->tokens;
    for (uint32_t doc = 0; doc < input->doc_count; doc++)
        for (const uint32_t *end = token + length_of(input, doc); token < end; token++) {
            uint32_t stem = input->form_stems[*token];
            place_counts[stem]++;
            count_in(last_doc, list_sizes, stem, doc);
            for (uint64_t row = *token ? input->row_ends[*token - 1] : 0; row < input->row_ends[*token]; row++)
                count_in(last_doc, list_sizes, input->rows[row], doc);
        }
}

typedef struct {
    Building *lists;
    uint64_t *next_places; /* of each stem */
    Numbers touched;       /* the lists of the document at hand */
    Exact *exact;
    size_t exact_count, exact_room;
} Work;

static inline void put_in(Work *work, uint32_t list, uint32_t doc, uint32_t in_title)
{
    Building *building = &work->lists[list];
    if (building->doc != doc) {
        building->doc = doc;
        building->freq = building->title_freq = 0;
        work->touched.items[work->touched.count++] = list;
    }
    building->freq++;
    building->title_freq += in_title;
}

/* Write the postings of a document. */
static Status close_document(const Input *input, Work *work, uint32_t doc, uint32_t *docs, uint8_t *codes)
{
    int has_more = input->bodies[doc] || input->keywords[doc];
    for (size_t place = 0; place < work->touched.count; place++) {
        uint32_t list = work->touched.items[place];
        Building *building = &work->lists[list];
        uint64_t row = building->next++;
        uint32_t freq = building->freq, title_freq = building->title_freq;
        uint32_t coded = !has_more ? 0 : title_freq < MAX_TITLE_FREQ ? title_freq : MAX_TITLE_FREQ;
        docs[row] = doc;
        codes[row] = (uint8_t)(((freq < MAX_EXACT_FREQ ? freq : MAX_EXACT_FREQ) - 1) | coded << 6);
        if (list >= input->stem_count || (freq < MAX_EXACT_FREQ && coded < MAX_TITLE_FREQ))
            continue;
        Exact *exact = with_room(work->exact, &work->exact_room, work->exact_count, sizeof(Exact));
        if (!exact)
            return NO_MEMORY;
        work->exact = exact;
        work->exact[work->exact_count++] = (Exact){row, freq, title_freq};
    }
    work->touched.count = 0;
    return FINE;
}

static Status write_lists(const Input *input, Work *work, uint32_t *docs, uint8_t *codes, uint32_t *positions, uint16_t *tags)
{
    const uint32_t *token = input->tokens;
    for (uint32_t doc = 0; doc < input->doc_count; doc++) {
        size_t length = length_of(input, doc), title = input->titles[doc], body_end = title + input->bodies[doc];
        for (size_t place = 0; place < length; place++, token++) {
            uint32_t form = *token, stem = input->form_stems[form], in_title = place < title;
            uint64_t first_row = form ? input->row_ends[form - 1] : 0, last_row = input->row_ends[form];
            uint64_t to = work->next_places[stem]++;
            positions[to] = (uint32_t)place + (in_title ? 0 : POSITION_GAP) + (place < body_end ? 0 : POSITION_GAP);
            tags[to] = (uint16_t)input->form_tags[form];
            if (make_room(&work->touched, (size_t)(last_row - first_row) + 1))
                return NO_MEMORY;
            put_in(work, stem, doc, in_title);
            for (uint64_t row = first_row; row < last_row; row++)
                put_in(work, input->rows[row], doc, in_title);
        }
        if (close_document(input, work, doc, docs, codes))
            return NO_MEMORY;
    }
    return FINE;
}

static int by_row(const void *left, const void *right)
{
    uint64_t a = ((const Exact *)left)->row, b = ((const Exact *)right)->row;
    return (a > b) - (a < b);
}

static Status make_work(const Input *input, Work *work, const uint64_t *list_sizes, const uint64_t *place_counts)
{
    work->lists = PyMem_RawMalloc((input->list_count + 1) * sizeof(Building));
    work->next_places = PyMem_RawMalloc((input->stem_count + 1) * sizeof(uint64_t));
    if (!work->lists || !work->next_places)
        return NO_MEMORY;
    uint64_t next = 0;
    for (size_t list = 0; list < input->list_count; list++) {
        work->lists[list] = (Building){next, NO_DOC, 0, 0};
        next += list_sizes[list];
    }
    next = 0;
    for (size_t stem = 0; stem < input->stem_count; stem++) {
        work->next_places[stem] = next;
        next += place_counts[stem];
    }
    return FINE;
}

static void free_work(Work *work)
{
    PyMem_RawFree(work->lists);
    PyMem_RawFree(work->next_places);
    PyMem_RawFree(work->touched.items);
    PyMem_RawFree(work->exact);
}

/* A bytes object of so many numbers of a size, and where they are. */
static void *make_output(PyObject **outputs, int which, size_t count, size_t size)
{
    if (count > PY_SSIZE_T_MAX / size) {
        PyErr_NoMemory();
        return NULL;
    }
    outputs[which] = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(count * size));
    return outputs[which] ? PyBytes_AS_STRING(outputs[which]) : NULL;
}

static int put_exact(const Work *work, PyObject **outputs)
{
    uint64_t *rows = make_output(outputs, EXACT_ROW, work->exact_count, sizeof(uint64_t));
    uint64_t *freqs = rows ? make_output(outputs, EXACT_FREQ, work->exact_count, sizeof(uint64_t)) : NULL;
    uint64_t *title_freqs = freqs ? make_output(outputs, EXACT_TITLE_FREQ, work->exact_count, sizeof(uint64_t)) : NULL;
    if (!title_freqs)
        return -1;
    for (size_t place = 0; place < work->exact_count; place++) {
        rows[place] = work->exact[place].row;
        freqs[place] = work->exact[place].freq;
        title_freqs[place] = work->exact[place].title_freq;
    }
    return 0;
}

static int invert_into(const Input *input, Work *work, PyObject **outputs)
{
    uint64_t *list_sizes = make_output(outputs, LIST_SIZES, input->list_count, sizeof(uint64_t));
    uint64_t *place_counts = list_sizes ? make_output(outputs, PLACE_COUNTS, input->stem_count, sizeof(uint64_t)) : NULL;
    uint32_t *last_doc = place_counts ? PyMem_RawMalloc((input->list_count + 1) * sizeof(uint32_t)) : NULL;
    if (!last_doc) {
        if (!PyErr_Occurred())
            PyErr_NoMemory();
        return -1;
    }
    uint64_t postings = 0;
    Py_BEGIN_ALLOW_THREADS
    count(input, last_doc, list_sizes, place_counts);
    for (size_t list = 0; list < input->list_count; list++)
        postings += list_sizes[list];
    Py_END_ALLOW_THREADS
    PyMem_RawFree(last_doc);
    uint32_t *docs = make_output(outputs, DOCS, (size_t)postings, sizeof(uint32_t));
    uint8_t *codes = docs ? make_output(outputs, CODES, (size_t)postings, 1) : NULL;
    uint32_t *positions = codes ? make_output(outputs, POSITION, input->token_count, sizeof(uint32_t)) : NULL;
    uint16_t *tags = positions ? make_output(outputs, TAG, input->token_count, sizeof(uint16_t)) : NULL;
    if (!tags)
        return -1;
    Status status;
    Py_BEGIN_ALLOW_THREADS
    status = make_work(input, work, list_sizes, place_counts);
    if (!status)
        status = write_lists(input, work, docs, codes, positions, tags);
    if (!status && work->exact_count)
        qsort(work->exact, work->exact_count, sizeof(Exact), by_row);
    Py_END_ALLOW_THREADS
    if (status) {
        raise_status(status);
        return -1;
    }
    return put_exact(work, outputs);
}

PyObject *core_invert(PyObject *module, PyObject *args)
{
    Py_buffer buffers[INPUTS] = {0};
    Py_ssize_t stem_count, list_count;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*y*y*nn", &buffers[0], &buffers[1], &buffers[2], &buffers[3], &buffers[4],
                          &buffers[5], &buffers[6], &buffers[7], &stem_count, &list_count))
        return NULL;
    Input input = {
        buffers[0].buf, buffers[1].buf, buffers[2].buf, buffers[3].buf, buffers[4].buf, buffers[5].buf, buffers[6].buf,
        buffers[7].buf, (size_t)buffers[0].len / 4, (size_t)buffers[1].len / 4, (size_t)buffers[4].len / 4,
        (size_t)buffers[7].len / 4, (size_t)stem_count, (size_t)list_count,
    };
    Work work = {0};
    PyObject *outputs[OUTPUTS] = {0}, *answer = NULL;
    int agree = stem_count >= 0 && list_count >= 0 && (size_t)list_count < SIZE_MAX / sizeof(Building) - 1
                && buffers[2].len == buffers[1].len && buffers[3].len == buffers[1].len
                && buffers[5].len == buffers[4].len && buffers[6].len == 2 * buffers[4].len;
    if (agree) {
        Py_BEGIN_ALLOW_THREADS
        agree = fits(&input);
        Py_END_ALLOW_THREADS
    }
    if (!agree)
        PyErr_SetString(PyExc_ValueError, "the arrays do not fit together");
    else if (invert_into(&input, &work, outputs) == 0 && (answer = PyTuple_New(OUTPUTS)) != NULL)
        for (int which = 0; which < OUTPUTS; which++)
            PyTuple_SET_ITEM(answer, which, Py_NewRef(outputs[which]));
    for (int which = 0; which < OUTPUTS; which++)
        Py_XDECREF(outputs[which]);
    for (int which = 0; which < INPUTS; which++)
        PyBuffer_Release(&buffers[which]);
    free_work(&work);
    return answer;
}
