/* Guesses the readings of a Russian word that the dictionary lacks, by its beginning and its end. opencorpora.py is the definition. */
#include "morphology.h"

static const double KNOWN_PREFIX_SCORE = 0.75, UNKNOWN_PREFIX_SCORE = 0.5, KNOWN_SUFFIX_SCORE = 0.5;
enum { MIN_REMAINDER = 3, MAX_UNKNOWN_PREFIX = 5, MIN_LENGTH_FOR_SUFFIX = 4, DEEPEST = 24 };

static Letters letters_from(const Letters *word, size_t start)
{
    Letters rest;
    rest.length = (uint16_t)(word->length - start);
    memcpy(rest.units, word->units + start, rest.length * sizeof(uint16_t));
    return rest;
}

/* Whether the last reading is new among those from `first` on, and of a class that takes new words. If not, it is dropped. */
static int keep_last(Work *work, size_t first)
{
    const Tag *tags = work->russian->tags;
    const Reading *last = &work->readings[work->reading_count - 1];
    int kept = tags[last->tag].productive;
    for (size_t place = first; kept && place + 1 < work->reading_count; place++) {
        const Reading *other = &work->readings[place];
        kept = other->paradigm != last->paradigm || tags[other->tag].group != tags[last->tag].group
            || !same_letters(&other->spelling, &last->spelling);
    }
    work->reading_count -= !kept;
    return kept;
}

static void put_with_prefix(Work *work, const Letters *word, Piece prefix, size_t first, int depth)
{
    Letters rest = letters_from(word, prefix.length);
    size_t begin = work->reading_count;
    put_dictionary_readings(work, &rest, (Piece){NULL, 0}, 1.0);
    if (work->reading_count > begin)
        score_readings(work, begin, &rest, 1);
    else
        put_predicted(work, &rest, depth + 1);
    size_t end = work->reading_count;
    work->reading_count = begin;
    for (size_t place = begin; place < end && !work->outcome; place++) {
        Reading inner = work->readings[place];
        Reading *reading = &work->readings[work->reading_count++]; /* at most `place`, which was read */
        reading->spelling.length = reading->lemma.length = 0;
        put_letters(work, &reading->spelling, prefix);
        put_letters(work, &reading->spelling, piece_of(&inner.spelling));
        put_letters(work, &reading->lemma, prefix);
        put_letters(work, &reading->lemma, piece_of(&inner.lemma));
        reading->tag = inner.tag;
        reading->paradigm = inner.paradigm;
        reading->score = inner.score * KNOWN_PREFIX_SCORE;
        keep_last(work, first);
    }
}

/* псевдокошка: псевдо and the readings of кошка. */
static void put_with_known_prefixes(Work *work, const Letters *word, size_t first, int depth)
{
    const PieceTable *prefixes = &work->russian->prefixes;
    for (size_t number = 0; number < prefixes->count && !work->outcome; number++) {
        Piece prefix = piece_at(prefixes, number);
        if (begins_with(word, prefix) && word->length - prefix.length >= MIN_REMAINDER)
            put_with_prefix(work, word, prefix, first, depth);
    }
}

/* байткод: байт and the readings of код, if the dictionary has код. */
static void put_with_unknown_prefix(Work *work, const Letters *word, size_t first)
{
    for (size_t split = 1; split <= MAX_UNKNOWN_PREFIX && split + MIN_REMAINDER <= word->length && !work->outcome; split++) {
        Letters rest = letters_from(word, split);
        size_t begin = work->reading_count;
        put_dictionary_readings(work, &rest, (Piece){word->units, split}, UNKNOWN_PREFIX_SCORE);
        size_t end = work->reading_count;
        work->reading_count = begin;
        for (size_t place = begin; place < end && !work->outcome; place++) {
            work->readings[work->reading_count++] = work->readings[place];
            keep_last(work, first);
        }
    }
}

/* Put the readings by one ending, with the counts of words as their scores; *total is how many words in all have the ending. */
static void put_by_ending(Work *work, const Dawg *endings, const Letters *word, size_t length, size_t first, double *total)
{
    SpeltWords spelt;
    Letters end = letters_from(word, word->length - length);
    find_similar(work, endings, &end, &spelt);
    for (size_t each = 0; each < spelt.count; each++) {
        read_values(work, endings, spelt.items[each].node, 8);
        for (size_t value = 0; value < work->value_count && !work->outcome; value++) {
            Reading *reading = put_reading(work);
            if (!reading)
                return;
            reading->spelling.length = 0;
            put_letters(work, &reading->spelling, (Piece){word->units, word->length - length});
            put_letters(work, &reading->spelling, piece_of(&spelt.items[each].letters));
            reading->paradigm = work->values[value].paradigm;
            reading->score = work->values[value].count;
            if (!read_column(work, work->values[value], (Piece){NULL, 0}, &reading->spelling, &reading->lemma, &reading->tag)) {
                work->reading_count--;
                return;
            }
            if (work->russian->tags[reading->tag].productive)
                *total += work->values[value].count;
            keep_last(work, first);
        }
    }
}

/* бутявкать: as the known words in -вкать. The longest ending that a known word has decides. */
static void put_with_known_suffix(Work *work, const Letters *word, size_t first)
{
    const Russian *self = work->russian;
    size_t own = work->reading_count;
    for (size_t affix = word->length < MIN_LENGTH_FOR_SUFFIX ? 0 : self->ending_count; affix-- > 0;) {
        if (!begins_with(word, piece_at(&self->affixes, affix)))
            continue;
        size_t begin = work->reading_count;
        double total = 1;
        for (size_t length = self->longest_ending; length > 0 && total <= 1 && !work->outcome; length--)
            put_by_ending(work, &self->endings[affix], word, length < word->length ? length : word->length, first, &total);
        for (size_t place = begin; place < work->reading_count; place++)
            work->readings[place].score = work->readings[place].score / total * KNOWN_SUFFIX_SCORE;
    }
    sort_readings(work, own);
}

void put_predicted(Work *work, const Letters *word, int depth)
{
    size_t first = work->reading_count;
    if (depth > DEEPEST)
        work->outcome |= LEFT;
    if (work->outcome)
        return;
    put_with_known_prefixes(work, word, first, depth);
    if (work->reading_count == first) {
        put_with_unknown_prefix(work, word, first);
        put_with_known_suffix(work, word, first);
    }
    Reading *reading = work->reading_count == first ? put_reading(work) : NULL;
    if (reading) {
        reading->spelling = reading->lemma = *word;
        reading->tag = work->russian->tag_count - 1;
        reading->paradigm = -1;
        reading->score = 1;
    }
    score_readings(work, first, word, 1);
}
