/* Places: where the tokens of a word stand. docs/format.md, "Places", describes the sections that are read here. */
#include "core.h"

void *with_room(void *items, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return items;
    size_t more = *room ? 2 * *room : 64;
    void *grown = more <= SIZE_MAX / size ? PyMem_RawRealloc(items, more * size) : NULL;
    if (grown)
        *room = more;
    return grown;
}

Status make_room(Numbers *numbers, size_t more)
{
    if (more <= numbers->room - numbers->count)
        return FINE;
    size_t room = numbers->count + more;
    room += room / 2 + 64;
    if (room > SIZE_MAX / sizeof(uint32_t))
        return NO_MEMORY;
    uint32_t *items = PyMem_RawRealloc(numbers->items, room * sizeof(uint32_t));
    if (!items)
        return NO_MEMORY;
    numbers->items = items;
    numbers->room = room;
    return FINE;
}

int ascending(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

size_t without_repeats(uint32_t *numbers, size_t count)
{
    size_t kept = 0;
    for (size_t place = 0; place < count; place++)
        if (!kept || numbers[place] != numbers[kept - 1])
            numbers[kept++] = numbers[place];
    return kept;
}

enum { FEW = 48 };

/* Positions of several stems, each in order already. Mostly they are few: then it is quicker than a call for each comparison. */
static void sort_positions(uint32_t *items, size_t count)
{
    if (count > FEW) {
        qsort(items, count, sizeof(uint32_t), ascending);
        return;
    }
    for (size_t place = 1; place < count; place++) {
        uint32_t moved = items[place];
        size_t at = place;
        for (; at && items[at - 1] > moved; at--)
            items[at] = items[at - 1];
        items[at] = moved;
    }
}

static Status make_source(const Segment *segment, size_t stem, const uint32_t *forms, size_t count, Source *source)
{
    const Column *docs = section(segment, LISTS_DOCS), *stem_forms = section(segment, STEM_FORMS);
    size_t begin, end;
    Status status = row_of(section(segment, LISTS_ENDS), stem, docs->count, &begin, &end);
    if (status || (status = list_of(segment, stem, &source->list)))
        return status;
    source->list_start = begin;
    if ((status = row_of(section(segment, PLACES_ENDS), stem, section(segment, POSITIONS)->count, &begin, &end)))
        return status;
    source->first_token = begin;
    source->token_count = end - begin;
    if ((status = row_of(section(segment, TAGS_ENDS), stem, 2 * section(segment, TAGS)->count, &begin, &end)))
        return status;
    source->first_tag = begin;
    if (source->list.count > BLOCK_POSTINGS) {
        size_t block = lower_bound(section(segment, BLOCKS_LISTS), stem);
        if ((status = row_of(section(segment, BLOCKS_ENDS), block, section(segment, BLOCKS_OFFSETS)->count, &begin, &end)))
            return status;
        if ((end - begin) * BLOCK_POSTINGS < source->list.count)
            return DAMAGED;
        source->first_block = begin;
    }
    if ((status = row_of(section(segment, STEM_FORMS_ENDS), stem, stem_forms->count, &begin, &end)))
        return status;
    source->form_count = end - begin;
    source->tag_width = source->form_count <= 1 ? 0 : source->form_count <= 16 ? 1 : source->form_count <= 256 ? 2 : 4;
    if ((source->answers = PyMem_RawMalloc(source->form_count + 1)) == NULL)
        return NO_MEMORY;
    int whole = 1;
    for (size_t place = begin, wanted = 0; place < end; place++) {
        uint64_t form = item(stem_forms, place);
        while (wanted < count && forms[wanted] < form)
            wanted++;
        source->answers[place - begin] = wanted < count && forms[wanted] == form;
        whole &= source->answers[place - begin];
    }
    if (whole) {
        PyMem_RawFree(source->answers);
        source->answers = NULL;
    }
    return FINE;
}

/* forms: ascending, each below the number of forms. */
Status make_sources(const Segment *segment, const uint32_t *forms, size_t count, Sources *sources)
{
    uint32_t *stems = PyMem_RawMalloc((count + 1) * sizeof(uint32_t));
    Status status = FINE;
    if (!stems)
        return NO_MEMORY;
    for (size_t place = 0; place < count; place++) {
        uint64_t stem = item(section(segment, FORM_STEMS), forms[place]);
        if (stem >= UINT32_MAX) {
            PyMem_RawFree(stems);
            return DAMAGED;
        }
        stems[place] = (uint32_t)stem;
    }
    qsort(stems, count, sizeof(uint32_t), ascending);
    size_t distinct = without_repeats(stems, count);
    if ((sources->items = PyMem_RawCalloc(distinct + 1, sizeof(Source))) == NULL)
        status = NO_MEMORY;
    for (size_t place = 0; place < distinct && !status; place++) {
        sources->count = place + 1;
        status = make_source(segment, stems[place], forms, count, &sources->items[place]);
    }
    PyMem_RawFree(stems);
    return status;
}

void free_sources(Sources *sources)
{
    for (size_t place = 0; place < sources->count; place++)
        PyMem_RawFree(sources->items[place].answers);
    PyMem_RawFree(sources->items);
    *sources = (Sources){NULL, 0};
}

/* The value of an exact posting in one of its sections; `other` if the posting is none. */
static uint64_t exact_value(const Segment *segment, size_t posting, int name, uint64_t other)
{
    const Column *rows = section(segment, EXACT_ROWS);
    size_t place = lower_bound(rows, posting);
    return place < rows->count && item(rows, place) == posting ? item(section(segment, name), place) : other;
}

/* The occurrences of a posting of a source; at most as many as the stem has tokens in a sound file. */
static inline uint64_t freq_of(const Segment *segment, const Source *source, size_t row)
{
    unsigned code = source->list.codes[row] & (MAX_EXACT_FREQ - 1);
    return code < MAX_EXACT_FREQ - 1 ? code + 1 : exact_value(segment, source->list_start + row, EXACT_FREQS, MAX_EXACT_FREQ);
}

Status exact_freqs(const Segment *segment, const Source *source, size_t row, uint32_t *freq, uint32_t *title_freq)
{
    uint32_t doc = doc_of(&source->list, row);
    uint64_t all = freq_of(segment, source, row), titles = source->list.codes[row] >> 6;
    if (doc >= segment->doc_count || all > source->token_count)
        return DAMAGED;
    if (all >= MAX_EXACT_FREQ || titles >= MAX_TITLE_FREQ)
        titles = exact_value(segment, source->list_start + row, EXACT_TITLE_FREQS, titles);
    if (!body_length(segment, doc) && !keyword_length(segment, doc))
        titles = all;
    *freq = (uint32_t)all;
    *title_freq = titles > all ? (uint32_t)all : (uint32_t)titles;
    return FINE;
}

/* Whether the first `count` tokens of a stem have their tags inside the section. */
static int has_tags(const Segment *segment, const Source *source, size_t count)
{
    return (source->first_tag + count * (size_t)source->tag_width + 1) >> 1 <= section(segment, TAGS)->count;
}

/* The tag of a token that has one, the lowest half byte first. token: counted from the first one of the stem. */
static inline size_t tag_at(const uint8_t *tags, const Source *source, size_t token)
{
    size_t half = source->first_tag + token * (size_t)source->tag_width, tag = 0;
    for (int place = 0; place < source->tag_width; place++, half++)
        tag |= (size_t)(tags[half >> 1] >> ((half & 1) << 2) & 15) << (4 * place);
    return tag;
}

/* The occurrences of the postings [row, end) of a source. */
static size_t freqs_between(const Segment *segment, const Source *source, size_t row, size_t end)
{
    const uint64_t freqs = 0x3f3f3f3f3f3f3f3f, ones = 0x0101010101010101, pairs = 0x00ff00ff00ff00ff, sums = 0x0001000100010001;
    size_t all = 0;
    for (; row + 8 <= end; row += 8) { /* eight at once, if none is exact */
        uint64_t codes;
        memcpy(&codes, source->list.codes + row, 8);
        codes = (codes & freqs) + ones;
        if (codes & ones << 6)
            for (size_t place = row; place < row + 8; place++)
                all += (size_t)freq_of(segment, source, place);
        else
            all += (size_t)((((codes & pairs) + (codes >> 8 & pairs)) * sums) >> 48);
    }
    for (; row < end; row++)
        all += (size_t)freq_of(segment, source, row);
    return all;
}

/* As `tag_at` for a width that is known. */
INLINED size_t tag_of(const uint8_t *tags, const Source *source, const int width, size_t token)
{
    size_t half = source->first_tag + (size_t)width * token;
    if (width > 2)
        return tag_at(tags, source, token);
    size_t tag = tags[half >> 1] >> ((half & 1) << 2) & 15;
    return width == 1 ? tag : tag | (size_t)(tags[(half + 1) >> 1] >> ((~half & 1) << 2) & 15) << 4;
}

INLINED uint32_t count_with(const uint8_t *tags, const Source *source, const int width, size_t token, uint32_t count, size_t *greatest)
{
    uint32_t own = 0;
    for (uint32_t place = 0; place < count; place++) {
        size_t form = tag_of(tags, source, width, token + place);
        *greatest = form > *greatest ? form : *greatest;
        own += source->answers[form < source->form_count ? form : 0];
    }
    return own;
}

Status count_answers(const Segment *segment, const Source *source, size_t token, uint32_t freq, uint32_t titles, uint32_t *own, uint32_t *own_titles)
{
    const uint8_t *tags = section(segment, TAGS)->start;
    size_t greatest = 0;
    if (!has_tags(segment, source, token + freq))
        return DAMAGED;
    switch (source->tag_width) {
    case 1:
        *own_titles = count_with(tags, source, 1, token, titles, &greatest);
        *own = *own_titles + count_with(tags, source, 1, token + titles, freq - titles, &greatest);
        break;
    case 2:
        *own_titles = count_with(tags, source, 2, token, titles, &greatest);
        *own = *own_titles + count_with(tags, source, 2, token + titles, freq - titles, &greatest);
        break;
    default:
        *own_titles = count_with(tags, source, 4, token, titles, &greatest);
        *own = *own_titles + count_with(tags, source, 4, token + titles, freq - titles, &greatest);
    }
    return greatest < source->form_count ? FINE : DAMAGED;
}

/* Move a cursor forward to the posting that was found. Within a block frequencies are added up; farther away the block tells. */
static Status move_to_found(const Segment *segment, const Source *source, Cursor *cursor)
{
    size_t block = cursor->found / BLOCK_POSTINGS;
    if (source->list.count > BLOCK_POSTINGS && cursor->row < block * BLOCK_POSTINGS) {
        cursor->row = block * BLOCK_POSTINGS;
        cursor->tokens = (size_t)item(section(segment, BLOCKS_OFFSETS), source->first_block + block);
    }
    cursor->tokens += freqs_between(segment, source, cursor->row, cursor->found);
    cursor->row = cursor->found;
    return cursor->tokens > source->token_count ? DAMAGED : FINE;
}

static inline int is_there(const Source *source, const Cursor *cursor, uint32_t doc)
{
    return cursor->found < source->list.count && doc_of(&source->list, cursor->found) == doc;
}

int seek_places(const Sources *sources, Cursor *cursors, uint32_t doc)
{
    int there = 0;
    for (size_t place = 0; place < sources->count; place++) {
        const Source *source = &sources->items[place];
        cursors[place].found = seek_doc(&source->list, cursors[place].found, doc);
        there |= is_there(source, &cursors[place], doc);
    }
    return there;
}

/* The upper bits of a token's position. */
static uint32_t upper_bits(const Segment *segment, size_t token)
{
    size_t change = lower_bound(section(segment, FAR_TOKENS), (uint64_t)token + 1);
    return change ? (uint32_t)item(section(segment, FAR_HIGHS), change - 1) << 16 : 0;
}

Status read_places(const Segment *segment, const Sources *sources, Cursor *cursors, uint32_t doc, Numbers *places)
{
    const Column *positions = section(segment, POSITIONS);
    PackedReader reader = {.column = &positions->packed};
    const uint8_t *tags = section(segment, TAGS)->start;
    int runs = 0, is_far = 0;
    places->count = 0;
    if (section(segment, FAR_TOKENS)->count) {
        uint64_t keywords = keyword_length(segment, doc);
        uint64_t span = title_length(segment, doc) + body_length(segment, doc) + (keywords ? keywords + POSITION_GAP : 0);
        is_far = span + POSITION_GAP > 0xffff;
    }
    for (size_t place = 0; place < sources->count; place++) {
        const Source *source = &sources->items[place];
        Cursor *cursor = &cursors[place];
        if (!is_there(source, cursor, doc))
            continue;
        Status status = move_to_found(segment, source, cursor);
        if (status)
            return status;
        uint64_t freq = freq_of(segment, source, cursor->row);
        if (freq > source->token_count - cursor->tokens)
            return DAMAGED;
        if ((status = make_room(places, (size_t)freq)))
            return status;
        if (source->answers && !has_tags(segment, source, cursor->tokens + (size_t)freq))
            return DAMAGED;
        size_t before = places->count;
        for (size_t token = cursor->tokens; token < cursor->tokens + freq; token++) {
            if (source->answers) {
                size_t form = tag_at(tags, source, token);
                if (form >= source->form_count)
                    return DAMAGED;
                if (!source->answers[form])
                    continue;
            }
            size_t number = source->first_token + token;
            uint64_t position = positions->width ? plain_item(positions, number) : packed_next(&reader, number);
            if (position == NO_SUCH_NUMBER)
                return DAMAGED;
            places->items[places->count++] = (uint32_t)position + (is_far ? upper_bits(segment, number) : 0);
        }
        runs += places->count > before;
    }
    if (runs > 1)
        sort_positions(places->items, places->count);
    return FINE;
}
