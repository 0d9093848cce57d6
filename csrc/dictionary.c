/* The readings of a Russian word that the dictionary has, and their scores. opencorpora.py and paradigms.py are the definition. */
#include "morphology.h"

static const double MILLION = 1000000;

void put_letters(Work *work, Letters *word, Piece more)
{
    if (!append_letters(word, more))
        work->outcome |= LEFT;
}

Reading *put_reading(Work *work)
{
    Reading *readings = with_room(work->readings, &work->reading_room, work->reading_count, sizeof(Reading));
    if (!readings) {
        work->outcome |= OUT_OF_MEMORY;
        return NULL;
    }
    work->readings = readings;
    return &readings[work->reading_count++];
}

int read_column(Work *work, Value value, Piece prefix, const Letters *spelling, Letters *lemma, size_t *tag)
{
    const Russian *self = work->russian;
    if (value.paradigm >= self->paradigm_count)
        goto left;
    uint32_t start = self->paradigm_starts[value.paradigm];
    uint32_t length = (self->paradigm_starts[value.paradigm + 1] - start) / 3; /* suffixes, tags, affixes */
    if (value.index >= length)
        goto left;
    const uint8_t *numbers = self->paradigms.buf;
    size_t suffix = number_at(numbers, 2, start + value.index), lemma_suffix = number_at(numbers, 2, start);
    size_t affix = number_at(numbers, 2, start + 2 * length + value.index);
    size_t lemma_affix = number_at(numbers, 2, start + 2 * length);
    *tag = number_at(numbers, 2, start + length + value.index);
    if (suffix >= self->suffixes.count || lemma_suffix >= self->suffixes.count || affix >= self->affixes.count
        || lemma_affix >= self->affixes.count || *tag >= self->tag_count)
        goto left;
    size_t cut_left = piece_at(&self->affixes, affix).length, cut_right = piece_at(&self->suffixes, suffix).length;
    if (cut_left + cut_right > spelling->length)
        goto left;
    lemma->length = 0;
    put_letters(work, lemma, prefix);
    put_letters(work, lemma, piece_at(&self->affixes, lemma_affix));
    put_letters(work, lemma, (Piece){spelling->units + cut_left, spelling->length - cut_left - cut_right});
    put_letters(work, lemma, piece_at(&self->suffixes, lemma_suffix));
    return !work->outcome;
left:
    work->outcome |= LEFT;
    return 0;
}

void put_dictionary_readings(Work *work, const Letters *word, Piece prefix, double score)
{
    SpeltWords spelt;
    find_similar(work, &work->russian->words, word, &spelt);
    for (size_t each = 0; each < spelt.count; each++) {
        read_values(work, &work->russian->words, spelt.items[each].node, 4);
        for (size_t value = 0; value < work->value_count && !work->outcome; value++) {
            Reading *reading = put_reading(work);
            if (!reading)
                return;
            reading->spelling.length = 0;
            put_letters(work, &reading->spelling, prefix);
            put_letters(work, &reading->spelling, piece_of(&spelt.items[each].letters));
            if (!read_column(work, work->values[value], prefix, &spelt.items[each].letters, &reading->lemma, &reading->tag)) {
                work->reading_count--;
                return;
            }
            reading->paradigm = work->values[value].paradigm;
            reading->score = score;
        }
    }
}

void sort_readings(Work *work, size_t first)
{
    Reading *readings = work->readings;
    for (size_t place = first + 1; place < work->reading_count; place++) {
        if (readings[place].score <= readings[place - 1].score)
            continue;
        Reading moved = readings[place];
        size_t to = place;
        for (; to > first && readings[to - 1].score < moved.score; to--)
            readings[to] = readings[to - 1];
        readings[to] = moved;
    }
}

/* Give the readings the scores of the corpus; 0 if it has none for them. */
static int score_by_corpus(Work *work, size_t first, const Letters *word)
{
    const Russian *self = work->russian;
    uint32_t node = self->has_probabilities ? follow_letters(&self->probabilities, word) : 0;
    node = node ? follow_bytes(&self->probabilities, node, (const uint8_t *)":", 1) : 0;
    if (!node)
        return 0;
    int any = 0;
    for (int writing = 0; writing < 2; writing++) {
        for (size_t place = first; place < work->reading_count; place++) {
            const Tag *tag = &self->tags[work->readings[place].tag];
            uint32_t below = follow_bytes(&self->probabilities, node, self->tag_texts + tag->text, tag->text_length);
            uint32_t number = number_of_node(&self->probabilities, below);
            any |= number != 0;
            if (writing)
                work->readings[place].score = number / MILLION;
        }
        if (!any)
            return 0;
    }
    sort_readings(work, first);
    return 1;
}

void score_readings(Work *work, size_t first, const Letters *word, int scale)
{
    if (work->outcome || work->reading_count == first || score_by_corpus(work, first, word))
        return;
    double total = 0;
    for (size_t place = first; scale && place < work->reading_count; place++)
        total += work->readings[place].score;
    double factor = 1.0 / (scale ? total : (double)(work->reading_count - first));
    for (size_t place = first; place < work->reading_count; place++)
        work->readings[place].score = scale ? work->readings[place].score * factor : factor;
}

int look_up(Work *work, const Letters *word)
{
    size_t first = work->reading_count;
    put_dictionary_readings(work, word, (Piece){NULL, 0}, 1.0);
    if (work->reading_count == first) {
        put_predicted(work, word, 0);
        return 0;
    }
    score_readings(work, first, word, 0);
    return 1;
}
