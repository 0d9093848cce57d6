/* Columns packed into bits; indexer/codec/packed.py says how, and is the definition. */
#ifndef NAIDI_PACKED_H
#define NAIDI_PACKED_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { PACKED_BLOCK = 32, PACKED_GROUP = 8, PACKED_PADDING = 8, PACKED_WIDEST = 32 };
/* What stands for a number whose block lies outside of the column. It is beyond every bound. */
#define NO_SUCH_NUMBER UINT64_MAX

typedef struct {
    const uint8_t *start;
    size_t room; /* bytes of the blocks; behind them the padding and the directory, all of which lie in the section */
    int based;
} PackedColumn;

static inline size_t packed_entry(int based)
{
    return 4 + PACKED_GROUP + (based ? 4 * PACKED_GROUP : 0);
}

/* The column of so many numbers in the bytes of a section. Returns whether it may be one. */
static inline int as_packed(const uint8_t *start, size_t bytes, size_t count, int based, PackedColumn *column)
{
    size_t groups = count / (PACKED_BLOCK * PACKED_GROUP) + (count % (PACKED_BLOCK * PACKED_GROUP) > 0);
    if (bytes < PACKED_PADDING || groups > (bytes - PACKED_PADDING) / packed_entry(based))
        return 0;
    *column = (PackedColumn){start, bytes - PACKED_PADDING - groups * packed_entry(based), based};
    return 1;
}

/* A block: where it begins, bits of a number, and its least number. Returns whether it lies in the column. */
typedef struct {
    const uint8_t *start;
    unsigned width;
    uint32_t base;
} PackedBlock;

static inline int packed_block(const PackedColumn *column, size_t number, PackedBlock *block)
{
    const uint64_t bytes = 0x00ff00ff00ff00ff, ones = 0x0001000100010001;
    const uint8_t *entry = column->start + column->room + PACKED_PADDING + number / PACKED_GROUP * packed_entry(column->based);
    unsigned place = number % PACKED_GROUP;
    uint32_t first;
    uint64_t widths;
    memcpy(&first, entry, 4);
    memcpy(&widths, entry + 4, 8);
    /* The widths of the blocks before it are added up, two bytes for each sum. */
    uint64_t before = place ? widths << (64 - 8 * place) : 0;
    size_t begin = 4 * ((size_t)first + (size_t)((((before & bytes) + (before >> 8 & bytes)) * ones) >> 48));
    block->width = (unsigned)(widths >> (8 * place) & 255);
    if (block->width > PACKED_WIDEST || begin > column->room || 4 * block->width > column->room - begin)
        return 0;
    block->start = column->start + begin;
    block->base = 0;
    if (column->based)
        memcpy(&block->base, entry + 4 + PACKED_GROUP + 4 * place, 4);
    return 1;
}

/* A number of a block, counted from its first one. */
static inline uint32_t packed_number(const PackedBlock *block, unsigned place)
{
    unsigned bit = place * block->width;
    uint64_t word;
    memcpy(&word, block->start + (bit >> 3), 8);
    return block->base + (uint32_t)(word >> (bit & 7) & (((uint64_t)1 << block->width) - 1));
}

/* Reads number after number. Neighbours are mostly in one block, which is looked for once. */
typedef struct {
    const PackedColumn *column;
    PackedBlock block;
    size_t known; /* the number of the block + 1; 0: none yet */
} PackedReader;

/* The index must be below the count. */
static inline uint64_t packed_next(PackedReader *reader, size_t index)
{
    size_t number = index / PACKED_BLOCK;
    if (number + 1 != reader->known) {
        if (!packed_block(reader->column, number, &reader->block))
            return NO_SUCH_NUMBER;
        reader->known = number + 1;
    }
    return packed_number(&reader->block, index % PACKED_BLOCK);
}

/* The index must be below the count. No inlined function: most loops are quicker if they are short. */
uint64_t packed_item(const PackedColumn *column, size_t index);
/* The number at an index above 0, and the one before it, which is mostly in the same block. */
uint64_t packed_pair(const PackedColumn *column, size_t index, uint64_t *before);

#endif
