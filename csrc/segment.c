/* Segment: the mapped sections of a segment, and look-ups in its tables of strings. */
#include "crc.h"
#include "lexicon.h"

const char *const SECTION_NAMES[SECTION_COUNT] = {
    "forms.bytes", "forms.ends", "forms.slots", "keys.bytes", "keys.ends", "keys.slots", "stems.bytes", "stems.ends",
    "stems.slots", "form_stems", "form_keys.ends", "form_keys", "form_keys.common", "key_forms.ends", "key_forms", "stem_forms.ends", "stem_forms", "key_lists",
    "lists.ends", "lists.docs", "lists.codes", "exact.rows", "exact.freqs", "exact.title_freqs",
    "blocks.lists", "blocks.ends", "blocks.offsets", "places.ends", "positions", "far.tokens", "far.highs", "tags.ends",
    "tags", "docs.title_lengths", "docs.body_lengths", "docs.keyword_lengths", "ids.bytes", "ids.ends", "ids.ranks",
    "skeletons.hashes", "skeletons.keys", "titles.bytes", "titles.ends",
};

/* Sections that have as many values as another one. */
static const int SAME_COUNTS[][2] = {
    {FORM_STEMS, FORMS_ENDS}, {FORM_KEYS_ENDS, FORMS_ENDS}, {KEY_FORMS_ENDS, KEYS_ENDS}, {KEY_LISTS, KEYS_ENDS}, {STEM_FORMS_ENDS, STEMS_ENDS},
    {PLACES_ENDS, STEMS_ENDS}, {TAGS_ENDS, STEMS_ENDS}, {LISTS_CODES, LISTS_DOCS}, {EXACT_FREQS, EXACT_ROWS},
    {EXACT_TITLE_FREQS, EXACT_ROWS}, {BLOCKS_ENDS, BLOCKS_LISTS}, {FAR_HIGHS, FAR_TOKENS}, {BODY_LENGTHS, TITLE_LENGTHS},
    {KEYWORD_LENGTHS, TITLE_LENGTHS}, {IDS_RANKS, TITLE_LENGTHS}, {SKELETON_KEYS, SKELETON_HASHES},
};

/* Sections that are never packed; `plain_item` reads them. */
static const int PLAIN[] = {LISTS_DOCS, TITLE_LENGTHS, BODY_LENGTHS, KEYWORD_LENGTHS};

/* Sections of single bytes. */
static const int BYTES[] = {FORMS_BYTES, KEYS_BYTES, STEMS_BYTES, LISTS_CODES, TAGS, IDS_BYTES, FORM_KEYS_COMMON, TITLES_BYTES};

PyObject *raise_status(Status status)
{
    if (status == NO_MEMORY)
        return PyErr_NoMemory();
    /* The search verifies the segments after an unexpected error, and then says what is damaged. */
    PyErr_SetString(PyExc_IndexError, "a number of the index leads out of its section");
    return NULL;
}

Status find_string(const Segment *segment, int table, const uint8_t *string, size_t length, int64_t *number)
{
    const Column *bytes = section(segment, table), *ends = section(segment, table + 1), *slots = section(segment, table + 2);
    size_t slot = crc_of(string, length) % (ends->count + ends->count / 3 + 1), begin, end;
    for (; slot < slots->count; slot++) {
        uint64_t found = item(slots, slot);
        if (!found) {
            *number = -1;
            return FINE;
        }
        Status status = row_of(ends, (size_t)(found - 1), bytes->count, &begin, &end);
        if (status)
            return status;
        if (end - begin == length && !memcmp(bytes->start + begin, string, length)) {
            *number = (int64_t)(found - 1);
            return FINE;
        }
    }
    return DAMAGED; /* behind the last string there is a free slot */
}

Status list_of(const Segment *segment, size_t number, List *list)
{
    const Column *docs = section(segment, LISTS_DOCS);
    size_t begin, end;
    Status status = row_of(section(segment, LISTS_ENDS), number, docs->count, &begin, &end);
    if (status)
        return status;
    *list = (List){docs->start + begin * docs->width, section(segment, LISTS_CODES)->start + begin, docs->width, end - begin};
    return FINE;
}

static int is_unsigned(const Py_buffer *buffer)
{
    const char *format = buffer->format ? buffer->format : "B";
    if (*format == '<' || *format == '=' || *format == '@')
        format++;
    return *format && strchr("BHILQ", *format) && !format[1] && buffer->ndim == 1;
}

/* A column of numbers: an array of them, or (the bytes of a packed column, how many there are, whether it has bases). 1: the buffer is
   held, but is no such column; below 0: an exception is set. */
static int take_column(PyObject *given, Py_buffer *buffer, Column *column)
{
    Py_ssize_t count = 0;
    int is_packed = PyTuple_Check(given), based = 0;
    PyObject *array = given;
    if (is_packed && !PyArg_ParseTuple(given, "Onp", &array, &count, &based))
        return -1;
    if (PyObject_GetBuffer(array, buffer, PyBUF_CONTIG_RO | PyBUF_FORMAT) < 0)
        return -1;
    size_t width = (size_t)buffer->itemsize;
    if (!is_unsigned(buffer) || (width != 1 && width != 2 && width != 4 && width != 8)) /* so it is not 0 */
        return 1;
    *column = (Column){.start = buffer->buf, .count = (size_t)buffer->len / width, .width = (int)width};
    if (!is_packed)
        return 0;
    column->count = (size_t)count;
    column->width = 0;
    return width != 1 || count < 0 || !as_packed(buffer->buf, (size_t)buffer->len, (size_t)count, based, &column->packed);
}

static int take_sections(Segment *self, PyObject *sections)
{
    if (PyTuple_GET_SIZE(sections) != SECTION_COUNT) {
        PyErr_SetString(PyExc_ValueError, "there must be a buffer for each of SECTIONS");
        return -1;
    }
    for (int name = 0; name < SECTION_COUNT; name++) {
        int wrong = take_column(PyTuple_GET_ITEM(sections, name), &self->buffers[name], &self->sections[name]);
        if (wrong < 0)
            return -1;
        self->held = name + 1;
        if (wrong) {
            PyErr_Format(PyExc_ValueError, "section %s is not of unsigned numbers", SECTION_NAMES[name]);
            return -1;
        }
    }
    return 0;
}

static int sections_fit(const Segment *self)
{
    for (size_t place = 0; place < sizeof SAME_COUNTS / sizeof *SAME_COUNTS; place++)
        if (section(self, SAME_COUNTS[place][0])->count != section(self, SAME_COUNTS[place][1])->count)
            return 0;
    for (size_t place = 0; place < sizeof BYTES / sizeof *BYTES; place++)
        if (section(self, BYTES[place])->width != 1)
            return 0;
    for (size_t place = 0; place < sizeof PLAIN / sizeof *PLAIN; place++)
        if (!section(self, PLAIN[place])->width)
            return 0;
    /* Documents are counted in 32 bits here, and so are forms. */
    return section(self, LISTS_DOCS)->width <= 4 && section(self, TITLE_LENGTHS)->count < UINT32_MAX
           && section(self, FORMS_ENDS)->count < UINT32_MAX && section(self, KEYS_ENDS)->count < UINT32_MAX
           && section(self, FORM_KEYS_COMMON)->count >= (section(self, FORM_KEYS)->count + 7) / 8 && section(self, LISTS_ENDS)->count >= section(self, STEMS_ENDS)->count;
}

static PyObject *segment_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *sections;
    (void)keywords;
    if (!PyArg_ParseTuple(args, "O!", &PyTuple_Type, &sections))
        return NULL;
    Segment *self = (Segment *)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    if (take_sections(self, sections) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    if (!sections_fit(self)) {
        Py_DECREF(self);
        return raise_status(DAMAGED);
    }
    self->doc_count = (uint32_t)section(self, TITLE_LENGTHS)->count;
    return (PyObject *)self;
}

static void segment_dealloc(Segment *self)
{
    for (int name = 0; name < self->held; name++)
        PyBuffer_Release(&self->buffers[name]);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

/* See _core.pyi. Sums of forged lengths may be wrong, as the lengths are. */
static PyObject *segment_lengths(Segment *self, PyObject *live)
{
    unsigned long long body_tokens = 0, title_tokens = 0, with_body = 0, with_title = 0, with_text = 0, title_most = 0, body_most = 0;
    Py_buffer kept = {0};
    if (live != Py_None && PyObject_GetBuffer(live, &kept, PyBUF_SIMPLE) < 0)
        return NULL;
    if (kept.obj && (size_t)kept.len != self->doc_count) {
        PyBuffer_Release(&kept);
        PyErr_SetString(PyExc_ValueError, "there must be a byte for each document");
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    for (uint32_t doc = 0; doc < self->doc_count; doc++) {
        uint64_t title = title_length(self, doc), body = body_length(self, doc);
        title_most = title > title_most ? title : title_most;
        body_most = body > body_most ? body : body_most;
        if (kept.obj && !((const uint8_t *)kept.buf)[doc])
            continue;
        body_tokens += body;
        title_tokens += title;
        with_body += body > 0;
        with_title += title > 0;
        with_text += body || title;
    }
    Py_END_ALLOW_THREADS
    if (kept.obj)
        PyBuffer_Release(&kept);
    return Py_BuildValue("(KKKKK)(KK)", body_tokens, title_tokens, with_body, with_title, with_text, title_most, body_most);
}

/* A string of a table, which starts with its section of bytes; NULL with an exception. */
static PyObject *string_of(const Segment *segment, int table, size_t number)
{
    const Column *bytes = section(segment, table);
    size_t begin, end;
    if (row_of(section(segment, table + 1), number, bytes->count, &begin, &end) || begin == end)
        return raise_status(DAMAGED);
    PyObject *string = PyUnicode_DecodeUTF8((const char *)bytes->start + begin, (Py_ssize_t)(end - begin - 1), NULL);
    if (!string && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        PyErr_Clear();
        return raise_status(DAMAGED);
    }
    return string;
}

PyObject *id_of(const Segment *segment, uint32_t doc)
{
    return string_of(segment, IDS_BYTES, (size_t)item(section(segment, IDS_RANKS), doc));
}

/* names(doc: int) */
static PyObject *segment_names(Segment *self, PyObject *given)
{
    unsigned long doc = PyLong_AsUnsignedLong(given);
    if (doc == (unsigned long)-1 && PyErr_Occurred())
        return NULL;
    if (doc >= self->doc_count)
        return raise_status(DAMAGED);
    PyObject *names = PyTuple_New(2), *id = names ? id_of(self, (uint32_t)doc) : NULL, *title = id ? string_of(self, TITLES_BYTES, doc) : NULL;
    if (!title) {
        Py_XDECREF(id);
        Py_XDECREF(names);
        return NULL;
    }
    PyTuple_SET_ITEM(names, 0, id);
    PyTuple_SET_ITEM(names, 1, title);
    return names;
}

static PyMethodDef segment_methods[] = {
    {"lengths", (PyCFunction)segment_lengths, METH_O, NULL},
    {"names", (PyCFunction)segment_names, METH_O, NULL},
    {"keys_of_skeletons", segment_keys_of_skeletons, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject SegmentType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "naidi._core.Segment",
    .tp_basicsize = sizeof(Segment),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = segment_new,
    .tp_dealloc = (destructor)segment_dealloc,
    .tp_methods = segment_methods,
};
