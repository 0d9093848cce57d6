/* Words as 16-bit units. */
#ifndef NAIDI_LETTERS_H
#define NAIDI_LETTERS_H

#include "indexing.h"

enum { LONGEST_LETTERS = 104, LONGEST_WORD = 64, YE = 0x435, YO = 0x451 }; /* a word of a text has at most LONGEST_WORD */

typedef struct {
    uint16_t units[LONGEST_LETTERS + HASHED_AT_ONCE];
    uint16_t length;
} Letters;

typedef struct {
    const uint16_t *units;
    size_t length;
} Piece;

static inline Piece piece_of(const Letters *word) { return (Piece){word->units, word->length}; }

static inline int same_letters(const Letters *left, const Letters *right)
{
    return left->length == right->length && !memcmp(left->units, right->units, left->length * sizeof(uint16_t));
}

static inline int begins_with(const Letters *word, Piece start)
{
    return word->length >= start.length && !memcmp(word->units, start.units, start.length * sizeof(uint16_t));
}

static inline int ends_with(const Letters *word, Piece end)
{
    return word->length >= end.length
        && !memcmp(word->units + word->length - end.length, end.units, end.length * sizeof(uint16_t));
}

/* The letters of a str; 0 if the object is none, or has more of them than there is room for, or one beyond 16 bits. */
int as_letters(PyObject *object, Letters *word);
/* The number of a word among spellings; NO_NUMBER if it is not there. */
uint32_t number_of_word(const Spellings *spellings, const Letters *word);

/* PIECE(u"ов") */
#define PIECE(literal) ((Piece){literal, sizeof(literal) / sizeof(uint16_t) - 1})

/* Some strings, one after another. */
typedef struct {
    uint16_t *units;
    uint32_t *starts; /* one more than there are strings */
    size_t count;
} PieceTable;

static inline Piece piece_at(const PieceTable *strings, size_t number)
{
    return (Piece){strings->units + strings->starts[number], strings->starts[number + 1] - strings->starts[number]};
}

/* -1 with an exception: memory, a type, a character beyond 16 bits. */
int make_pieces(PieceTable *strings, PyObject *sequence);
void free_pieces(PieceTable *strings);

/* Put letters behind a word; 0 if there is no room. */
static inline int append_letters(Letters *word, Piece more)
{
    if (word->length + more.length > LONGEST_LETTERS)
        return 0;
    if (more.length)
        memcpy(word->units + word->length, more.units, more.length * sizeof(uint16_t));
    word->length = (uint16_t)(word->length + more.length);
    return 1;
}

#endif
