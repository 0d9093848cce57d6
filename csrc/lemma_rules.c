/* Which lemmas a Russian word has, by its readings. russian.py is the definition and gives the reasons. */
#include "morphology.h"

enum { MOST_CANDIDATES = 48 };
static const double SHARE_OF_BEST = 0.1, SHARE_BESIDE_ADVERB = 0.2;
typedef struct {
    Letters lemma;
    double total;
    uint32_t some, every; /* features that one of its readings has, and that all have */
} Candidate;

void put_lemma(Work *work, Lemmas *lemmas, const Letters *lemma)
{
    if (lemmas->count == MOST_LEMMAS)
        work->outcome |= LEFT;
    else
        lemmas->items[lemmas->count++] = *lemma;
}

Letters without_dots(const Letters *word)
{
    Letters folded = *word;
    for (size_t place = 0; place < word->length; place++)
        if (folded.units[place] == YO)
            folded.units[place] = YE;
    return folded;
}

static int is_left_out(const Russian *self, const Letters *word)
{
    return number_of_word(&self->left_out, word) != NO_NUMBER;
}

/* How many letters of a superlative are its stem: новейш of новейшего. 0: it is none. */
static size_t superlative_stem(const Letters *folded)
{
    const Piece ends[] = {PIECE(u"ейш"), PIECE(u"айш"), PIECE(u"лучш"), PIECE(u"худш"), PIECE(u"больш"), PIECE(u"меньш"),
                          PIECE(u"высш"), PIECE(u"низш")};
    for (size_t start = folded->length; start-- > 0;)
        for (size_t each = 0; each < sizeof ends / sizeof *ends; each++)
            if (start + ends[each].length + 2 <= folded->length
                && !memcmp(folded->units + start, ends[each].units, ends[each].length * sizeof(uint16_t)))
                return start + ends[each].length;
    return 0;
}

static size_t gather(Work *work, const Letters *folded, size_t first, Candidate *candidates)
{
    size_t count = 0;
    for (size_t place = first; place < work->reading_count; place++) {
        const Reading *reading = &work->readings[place];
        uint32_t features = work->russian->tags[reading->tag].features;
        Letters lemma = without_dots(&reading->lemma);
        size_t stem = features & SUPERLATIVE ? superlative_stem(folded) : 0;
        if (stem) { /* новейший is a lemma of its own */
            lemma = *folded;
            lemma.length = (uint16_t)stem;
            put_letters(work, &lemma, PIECE(u"ий"));
        }
        size_t at = 0;
        while (at < count && !same_letters(&candidates[at].lemma, &lemma))
            at++;
        if (at < count) {
            candidates[at].total += reading->score;
            candidates[at].some |= features;
            candidates[at].every &= features;
        } else if (count == MOST_CANDIDATES) {
            work->outcome |= LEFT;
            return count;
        } else
            candidates[count++] = (Candidate){lemma, reading->score, features, features};
    }
    return count;
}

/* быстрее is the comparative of быстро too: the adverb, if the dictionary has it as one. */
static void put_adverb(Work *work, const Letters *adjective, Lemmas *lemmas)
{
    if (!ends_with(adjective, PIECE(u"ый")) && !ends_with(adjective, PIECE(u"ий")) && !ends_with(adjective, PIECE(u"ой")))
        return;
    Letters adverb = *adjective;
    adverb.length -= 2;
    put_letters(work, &adverb, PIECE(u"о"));
    size_t first = work->reading_count;
    put_dictionary_readings(work, &adverb, (Piece){NULL, 0}, 1.0);
    uint32_t features = 0;
    for (size_t place = first; place < work->reading_count && !work->outcome; place++)
        features |= work->russian->tags[work->readings[place].tag].features;
    work->reading_count = first;
    if (features & ADVERB)
        put_lemma(work, lemmas, &adverb);
}

/* The lemmas with a large enough share of the scores of the readings from `first` on, best first. */
static void put_likely(Work *work, const Letters *folded, size_t first, int known, Lemmas *lemmas)
{
    Candidate candidates[MOST_CANDIDATES];
    size_t count = gather(work, folded, first, candidates);
    if (work->outcome || !count)
        return;
    for (size_t place = 1; place < count; place++) { /* stable, highest first */
        Candidate moved = candidates[place];
        size_t to = place;
        for (; to > 0 && candidates[to - 1].total < moved.total; to--)
            candidates[to] = candidates[to - 1];
        candidates[to] = moved;
    }
    int in_corpus = known && work->readings[first].score != work->readings[work->reading_count - 1].score;
    size_t taken = 0;
    for (size_t place = 0; place < count; place++) {
        const Candidate *candidate = &candidates[place];
        if (place) {
            double share = candidate->total / candidates[0].total;
            if (share < SHARE_OF_BEST)
                break;
            if (candidate->every & PARTICIPLE && candidates[0].some & ADJECTIVE && share < 1)
                continue;
            if (candidate->every & SHORT && candidates[0].some & ADVERB && (!in_corpus || share < SHARE_BESIDE_ADVERB))
                continue;
        }
        put_lemma(work, lemmas, &candidate->lemma);
        candidates[taken++] = *candidate; /* taken <= place; the best stays the first */
    }
    for (size_t place = 0; place < taken; place++)
        if (candidates[place].some & COMPARATIVE)
            put_adverb(work, &candidates[place].lemma, lemmas);
}

static int may_be_lemma(const Work *work, const Letters *folded, size_t first)
{
    if (ends_with(folded, PIECE(u"ов")) || ends_with(folded, PIECE(u"ев")))
        return 1;
    for (size_t place = first; place < work->reading_count; place++) {
        Letters lemma = without_dots(&work->readings[place].lemma);
        if (same_letters(&lemma, folded))
            return 1;
    }
    return 0;
}

static void put_of_known(Work *work, const Letters *folded, size_t first, Lemmas *lemmas)
{
    if (is_left_out(work->russian, folded))
        work->outcome |= LEFT;
    Lemmas found;
    found.count = 0;
    put_likely(work, folded, first, 1, &found);
    if (!has_lemma(&found, folded) && may_be_lemma(work, folded, first))
        put_lemma(work, &found, folded);
    for (size_t place = 0; place < found.count; place++)
        put_lemma(work, lemmas, &found.items[place]);
}

static void put_of_unknown(Work *work, const Letters *folded, size_t first, Lemmas *lemmas)
{
    Lemmas guesses, names;
    guesses.count = names.count = 0;
    put_likely(work, folded, first, 0, &guesses);
    for (size_t place = 0; place < guesses.count && !work->outcome; place++) {
        /* A guess that is itself a form of a known word is replaced by its lemmas. */
        const Letters *guess = &guesses.items[place];
        size_t begin = work->reading_count;
        put_dictionary_readings(work, guess, (Piece){NULL, 0}, 1.0);
        score_readings(work, begin, guess, 0);
        if (work->reading_count > begin && !may_be_lemma(work, guess, begin))
            put_of_known(work, guess, begin, lemmas);
        else
            put_lemma(work, lemmas, guess);
        work->reading_count = begin;
    }
    put_lemma(work, lemmas, folded);
    put_nominatives(work, folded, &names);
    for (size_t place = 0; place < names.count; place++)
        if (!has_similar(work, &work->russian->words, &names.items[place]))
            put_lemma(work, lemmas, &names.items[place]);
}

/* Whether a word may be one that was lengthened (классссно) or has another reflexive ending (боялася). */
static int may_be_altered(const Letters *form)
{
    for (size_t place = 2; place < form->length; place++)
        if (form->units[place] == form->units[place - 1] && form->units[place] == form->units[place - 2])
            return 1;
    return form->length > 2 && ends_with(form, PIECE(u"ся")) && is_vowel(form->units[form->length - 3]);
}

/* Whether the spelling of an unknown word may be of before 1918 (домъ, добраго, добрыя, разсказ): old_spelling.py tells. */
static int may_be_old(const Letters *form)
{
    const Piece ends[] = {PIECE(u"ъ"), PIECE(u"аго"), PIECE(u"яго"), PIECE(u"ыя")};
    const Piece starts[] = {PIECE(u"без"), PIECE(u"воз"), PIECE(u"из"), PIECE(u"низ"), PIECE(u"раз"), PIECE(u"чрез"), PIECE(u"через")};
    const Piece voiceless = PIECE(u"кпстфхцчшщ");
    for (size_t each = 0; each < sizeof ends / sizeof *ends; each++)
        if (ends_with(form, ends[each]))
            return 1;
    for (size_t each = 0; each < sizeof starts / sizeof *starts; each++)
        if (begins_with(form, starts[each]) && form->length > starts[each].length)
            for (size_t letter = 0; letter < voiceless.length; letter++)
                if (form->units[starts[each].length] == voiceless.units[letter])
                    return 1;
    return 0;
}

static void put_once(Work *work, const Letters *form, const Letters *folded, Lemmas *lemmas)
{
    size_t first = work->reading_count;
    if (look_up(work, form))
        put_of_known(work, folded, first, lemmas);
    else {
        if (may_be_altered(form) || may_be_old(form))
            work->outcome |= LEFT;
        put_of_unknown(work, folded, first, lemmas);
    }
    work->reading_count = first;
}

void find_lemmas(Work *work, const Letters *form, Lemmas *lemmas)
{
    Letters folded = without_dots(form);
    int dotted = !same_letters(form, &folded) && has_similar(work, &work->russian->words, form);
    Lemmas found;
    lemmas->count = found.count = 0;
    if (is_left_out(work->russian, &folded))
        work->outcome |= LEFT;
    if (!work->outcome)
        put_once(work, dotted ? form : &folded, &folded, &found);
    if (dotted && !work->outcome) { /* the two spellings must share a lemma */
        Lemmas plain;
        plain.count = 0;
        put_once(work, &folded, &folded, &plain);
        int shared = 0;
        for (size_t place = 0; place < plain.count; place++)
            shared |= has_lemma(&found, &plain.items[place]);
        for (size_t place = 0; !shared && place < plain.count; place++)
            put_lemma(work, &found, &plain.items[place]);
    }
    for (size_t place = 0; place < found.count; place++)
        if (!has_lemma(lemmas, &found.items[place]))
            put_lemma(work, lemmas, &found.items[place]);
}
