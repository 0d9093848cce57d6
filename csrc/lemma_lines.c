/* lemma_lines: the lemmas of many words of both languages as lines, without a string of Python for each. */
#include "english.h"
#include "lines.h"
#include "morphology.h"

typedef struct {
    Work work;              /* of a Russian word; its dictionary is NULL if there is none */
    const English *english; /* or NULL */
} Languages;

typedef struct {
    uint8_t *data, *common, *counts;
    size_t size, data_room, common_count, common_room;
} Written;

/* Whether a word of small letters and digits may be a word with a year behind it (election2024): keys.py tells. */
static int may_have_a_year(const Text *word)
{
    const uint8_t *letters = word->data;
    if (word->count < 8 || (letters[word->count - 4] != '1' && letters[word->count - 4] != '2'))
        return 0;
    for (size_t place = 0; place < word->count; place++)
        if ((letters[place] >= '0' && letters[place] <= '9') != (place + 4 >= word->count))
            return 0;
    return 1;
}

/* Whether a word is of English small letters and digits, and has a digit. Then it is its own key. */
static int has_digits(const Text *word)
{
    const uint8_t *letters = word->data;
    int found = 0;
    if (word->width != 1 || word->count > LONGEST_WORD || may_have_a_year(word))
        return 0;
    for (size_t place = 0; place < word->count; place++) {
        int is_digit = letters[place] >= '0' && letters[place] <= '9';
        if (!is_digit && (letters[place] < 'a' || letters[place] > 'z'))
            return 0;
        found |= is_digit;
    }
    return found;
}

static Status find(Languages *languages, const Text *word, Lemmas *lemmas)
{
    lemmas->count = 0;
    if (word->width == 2)
        return languages->work.russian ? find_russian(&languages->work, word, lemmas) : FINE;
    if (has_digits(word)) {
        Letters *own = &lemmas->items[lemmas->count++];
        own->length = (uint16_t)word->count;
        for (size_t place = 0; place < word->count; place++)
            own->units[place] = ((const uint8_t *)word->data)[place];
        lemmas->common[0] = 0;
        return FINE;
    }
    return languages->english ? find_english((void *)languages->english, word, lemmas) : FINE;
}

static Status grow(Written *written, size_t bytes)
{
    if (written->data_room - written->size >= bytes)
        return FINE;
    size_t room = 2 * written->data_room + bytes;
    uint8_t *data = PyMem_RawRealloc(written->data, room);
    if (!data)
        return NO_MEMORY;
    written->data = data;
    written->data_room = room;
    return FINE;
}

static Status put_line(Written *written, const Letters *lemma, uint8_t common)
{
    uint8_t *flags = with_room(written->common, &written->common_room, written->common_count, 1);
    if (!flags || grow(written, 3 * (size_t)lemma->length + 1))
        return NO_MEMORY;
    written->common = flags;
    flags[written->common_count++] = common;
    uint8_t *to = written->data + written->size;
    for (size_t place = 0; place < lemma->length; place++) {
        uint16_t unit = lemma->units[place];
        if (unit < 0x80)
            *to++ = (uint8_t)unit;
        else if (unit < 0x800) {
            *to++ = (uint8_t)(0xC0 | unit >> 6);
            *to++ = (uint8_t)(0x80 | (unit & 0x3F));
        } else {
            *to++ = (uint8_t)(0xE0 | unit >> 12);
            *to++ = (uint8_t)(0x80 | (unit >> 6 & 0x3F));
            *to++ = (uint8_t)(0x80 | (unit & 0x3F));
        }
    }
    *to++ = '\n';
    written->size = (size_t)(to - written->data);
    return FINE;
}

static Status write_all(Languages *languages, const Text *words, size_t count, Written *written)
{
    Lemmas lemmas;
    Status status = FINE;
    for (size_t number = 0; number < count && !status; number++) {
        status = find(languages, &words[number], &lemmas);
        for (size_t place = 0; !status && place < lemmas.count; place++)
            status = put_line(written, &lemmas.items[place], lemmas.common[place]);
        written->counts[number] = (uint8_t)lemmas.count;
    }
    return status;
}

static PyObject *answer_of(const Written *written, size_t count)
{
    PyObject *counts = PyBytes_FromStringAndSize((const char *)written->counts, (Py_ssize_t)count);
    PyObject *data = PyBytes_FromStringAndSize((const char *)written->data, (Py_ssize_t)written->size);
    PyObject *common = PyBytes_FromStringAndSize((const char *)written->common, (Py_ssize_t)written->common_count);
    PyObject *answer = counts && data && common ? PyTuple_Pack(3, counts, data, common) : NULL;
    Py_XDECREF(counts);
    Py_XDECREF(data);
    Py_XDECREF(common);
    return answer;
}

PyObject *core_lemma_lines(PyObject *module, PyObject *args)
{
    PyObject *given, *russian, *english, *words, *answer = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOO", &given, &russian, &english))
        return NULL;
    if ((russian != Py_None && Py_TYPE(russian) != &RussianType) || (english != Py_None && Py_TYPE(english) != &EnglishType)) {
        PyErr_SetString(PyExc_TypeError, "the dictionaries are a Russian or None, and an English or None");
        return NULL;
    }
    Text *texts = texts_of(given, &words);
    if (!texts)
        return NULL;
    size_t count = (size_t)PyTuple_GET_SIZE(words);
    Languages languages = {
        .work = {.russian = russian == Py_None ? NULL : (const Russian *)russian},
        .english = english == Py_None ? NULL : (const English *)english,
    };
    Written written = {.counts = PyMem_RawCalloc(count + 1, 1)};
    if (!written.counts)
        PyErr_NoMemory();
    else {
        Status status;
        Py_BEGIN_ALLOW_THREADS
        status = write_all(&languages, texts, count, &written);
        Py_END_ALLOW_THREADS
        answer = status ? raise_status(status) : answer_of(&written, count);
    }
    PyMem_RawFree(texts);
    PyMem_RawFree(written.data);
    PyMem_RawFree(written.common);
    PyMem_RawFree(written.counts);
    PyMem_RawFree(languages.work.readings);
    PyMem_RawFree(languages.work.values);
    Py_DECREF(words);
    return answer;
}
