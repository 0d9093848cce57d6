/* Decodes stored texts. bytes.decode is the definition; here Russian text takes half the time. */
#include "text.h"

enum { BLOCK = 64 };

static int is_continuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

/* How many characters begin in UTF-8, and its greatest byte. */
static size_t count_characters(const uint8_t *bytes, size_t size, uint8_t *greatest)
{
    size_t count = 0;
    uint8_t most = 0;
    for (size_t place = 0; place < size;) {
        size_t end = size - place > 128 ? place + 128 : size;
        uint8_t few = 0; /* of so few bytes the compiler can count many at once */
        for (; place < end; place++) {
            few += !is_continuation(bytes[place]);
            most = bytes[place] > most ? bytes[place] : most;
        }
        count += few;
    }
    *greatest = most;
    return count;
}

/* Decode a block without characters of three bytes, at which a character begins. Two more bytes follow it. Gives where the next character
   goes; NULL if there is an error, or a character of three bytes. */
static Py_UCS2 *decode_block(const uint8_t *bytes, Py_UCS2 *out)
{
    Py_UCS2 units[BLOCK];
    uint8_t begins[BLOCK], wrong = is_continuation(bytes[0]), high = 0;
    for (int place = 0; place < BLOCK; place++)
        high |= bytes[place];
    if (high < 0x80) {
        for (int place = 0; place < BLOCK; place++)
            out[place] = bytes[place];
        return out + BLOCK;
    }
    for (int place = 0; place < BLOCK; place++) {
        uint8_t byte = bytes[place], next = bytes[place + 1];
        begins[place] = !is_continuation(byte);
        wrong |= (byte >= 0xe0) | (byte == 0xc0) | (byte == 0xc1) | ((byte >= 0xc0) != is_continuation(next));
    }
    if (wrong)
        return NULL;
    for (int place = 0; place < BLOCK; place++) {
        Py_UCS2 byte = bytes[place], two = (Py_UCS2)((byte & 0x1f) << 6 | (bytes[place + 1] & 0x3f));
        units[place] = byte < 0x80 ? byte : two;
    }
    for (int place = 0; place < BLOCK; place++) { /* without a branch, since words and blanks alternate */
        *out = units[place];
        out += begins[place];
    }
    return out;
}

/* Decode one character. Gives its bytes; 0 if there is an error, or a character beyond the first plane. */
static size_t decode_one(const uint8_t *bytes, size_t left, Py_UCS2 *out)
{
    uint8_t first = bytes[0];
    if (first < 0x80) {
        *out = first;
        return 1;
    }
    if (first < 0xc2 || first >= 0xf0 || left < 2 || !is_continuation(bytes[1]))
        return 0;
    if (first < 0xe0) {
        *out = (Py_UCS2)((first & 0x1f) << 6 | (bytes[1] & 0x3f));
        return 2;
    }
    if (left < 3 || !is_continuation(bytes[2]))
        return 0;
    unsigned character = (first & 15u) << 12 | (bytes[1] & 0x3fu) << 6 | (bytes[2] & 0x3fu);
    *out = (Py_UCS2)character;
    return character < 0x800 || character - 0xd800 < 0x800 ? 0 : 3;
}

/* Whether all of it could be decoded. out: room for all characters. */
static int decode(const uint8_t *bytes, size_t size, Py_UCS2 *out)
{
    for (size_t place = 0; place < size;) {
        if (size - place >= BLOCK + 2) {
            Py_UCS2 *behind = decode_block(bytes + place, out);
            if (behind) {
                out = behind;
                place += BLOCK;
                place += bytes[place - 1] >= 0xc0; /* the second byte of its last character */
                continue;
            }
        }
        for (size_t end = size - place > BLOCK ? place + BLOCK : size; place < end;) {
            size_t length = decode_one(bytes + place, size - place, out++);
            if (!length)
                return 0;
            place += length;
        }
    }
    return 1;
}

/* decoded(text: bytes) */
PyObject *core_decoded(PyObject *module, PyObject *text)
{
    char *given;
    Py_ssize_t size;
    uint8_t greatest;
    (void)module;
    if (PyBytes_AsStringAndSize(text, &given, &size) < 0)
        return NULL;
    const uint8_t *bytes = (const uint8_t *)given;
    size_t count = count_characters(bytes, (size_t)size, &greatest);
    /* Of these, all strings have two bytes a character. */
    if (greatest >= 0xc4 && greatest < 0xf0) {
        PyObject *decoded = PyUnicode_New((Py_ssize_t)count, 0xffff);
        if (!decoded || decode(bytes, (size_t)size, PyUnicode_2BYTE_DATA(decoded)))
            return decoded;
        Py_DECREF(decoded);
    }
    return PyUnicode_DecodeUTF8(given, size, NULL);
}
