/* Which lemmas an English word has by the table, and which it may have if the table lacks it. english.py is the definition. */
#include "english.h"

enum { SHORTEST_TYPO = 8, SHORTEST_STEM = 3, LEFT_TO_PYTHON = 1 };

/* Whether these are letters of the English alphabet, in small letters, as many as a word may have. */
static int is_english(const Letters *word)
{
    for (size_t place = 0; place < word->length; place++)
        if (word->units[place] < 'a' || word->units[place] > 'z')
            return 0;
    return word->length > 0 && word->length <= LONGEST_WORD;
}

/* Read an English word that is not left to Python, and its entry; 0 for other texts. */
static int read_word(const English *self, const Text *text, Letters *word, const Entry **entry)
{
    if (text->count > LONGEST_WORD || text->width != 1)
        return 0;
    const uint8_t *letters = text->data;
    for (size_t place = 0; place < text->count; place++)
        word->units[place] = letters[place];
    word->length = (uint16_t)text->count;
    if (!is_english(word))
        return 0;
    *entry = entry_of(self, word);
    return !is_left_to_python(*entry);
}

static void put_new(Lemmas *lemmas, const Letters *lemma)
{
    if (lemmas->count < MOST_LEMMAS && !has_lemma(lemmas, lemma))
        lemmas->items[lemmas->count++] = *lemma;
}

static void put_lemmas_of(const English *self, const Entry *entry, Lemmas *lemmas)
{
    for (size_t place = 0; is_form(entry) && place < entry->lemma_count; place++) {
        Letters lemma = letters_of(self, &self->entries[self->lemmas[entry->first_lemma + place]]);
        put_new(lemmas, &lemma);
    }
}

/* Whether a word is a lemma of itself by the table. */
static int is_base(const English *self, const Letters *word)
{
    return is_own_lemma(self, entry_of(self, word));
}

static int has_vowel(const Letters *word)
{
    for (size_t place = 0; place < word->length; place++)
        if (memchr("aeiouy", word->units[place], 6) && word->units[place] < 0x80)
            return 1;
    return 0;
}

/* color for colour. */
static void put_american(const English *self, const Letters *lemma, Lemmas *lemmas)
{
    for (size_t number = 0; number < self->british.count; number++) {
        Piece ending = piece_at(&self->british, number);
        if (!ending.length || !ends_with(lemma, ending))
            continue;
        Letters word = *lemma;
        word.length = (uint16_t)(lemma->length - ending.length);
        if (has_vowel(&word) && append_letters(&word, piece_at(&self->american, number)) && is_base(self, &word)) {
            put_new(lemmas, &word);
            return;
        }
    }
}

/* The base of a regular form that the table lacks: womens, hireing. */
static void put_inflected(const English *self, const Letters *form, Lemmas *lemmas)
{
    Letters base = *form;
    if (ends_with(form, PIECE(u"s")) && !ends_with(form, PIECE(u"ss")) && !ends_with(form, PIECE(u"us")) && !ends_with(form, PIECE(u"is"))) {
        base.length--;
        if (is_base(self, &base))
            put_new(lemmas, &base);
        return;
    }
    size_t cut = ends_with(form, PIECE(u"ing")) ? 3 : ends_with(form, PIECE(u"ed")) ? 2 : 0;
    if (!cut || form->length < cut + SHORTEST_STEM)
        return;
    base.length = (uint16_t)(base.length - cut);
    Letters longer = base, halved = base;
    append_letters(&longer, PIECE(u"e"));
    if (halved.units[halved.length - 1] == halved.units[halved.length - 2])
        halved.length--;
    const Letters *tried[] = {&base, &longer, &halved};
    for (size_t each = 0; each < 3; each++)
        if (is_base(self, tried[each])) {
            put_new(lemmas, tried[each]);
            return;
        }
}

/* The word with no letter more than `most` times in a row where it stood three times or more; 0 if there is no such place. */
static int shorten(const Letters *form, size_t most, Letters *word)
{
    int found = 0;
    word->length = 0;
    for (size_t place = 0; place < form->length;) {
        size_t end = place;
        while (end < form->length && form->units[end] == form->units[place])
            end++;
        size_t kept = end - place < 3 ? end - place : most;
        found |= end - place >= 3;
        while (kept-- > 0)
            word->units[word->length++] = form->units[place];
        place = end;
    }
    return found;
}

/* Note a form that is one typo away. *other: whether there is one more. */
static void note_meant(const English *self, const Letters *word, const Entry **meant, int *other)
{
    const Entry *entry = entry_of(self, word);
    if (is_form(entry)) {
        *other |= *meant && *meant != entry;
        *meant = entry;
    }
}

/* The lemmas of the word behind a typo; LEFT_TO_PYTHON if a table has that. */
static int put_mistyped(const English *self, const Letters *form, Lemmas *lemmas)
{
    Letters word;
    for (size_t most = 1; most <= 2 && shorten(form, most, &word); most++) {
        const Entry *entry = entry_of(self, &word);
        if (word.length < 2 || (!is_form(entry) && !is_closed(entry)))
            continue;
        put_lemmas_of(self, entry, lemmas);
        return is_closed(entry) ? LEFT_TO_PYTHON : 0;
    }
    const Entry *meant = NULL;
    int other = 0;
    for (size_t at = 1; form->length >= SHORTEST_TYPO && at < form->length; at++) {
        word = *form; /* two letters swapped */
        word.units[at - 1] = form->units[at];
        word.units[at] = form->units[at - 1];
        note_meant(self, &word, &meant, &other);
        word.length = 0; /* one halved */
        append_letters(&word, (Piece){form->units, at});
        append_letters(&word, (Piece){form->units + at - 1, form->length - at + 1});
        note_meant(self, &word, &meant, &other);
        if (form->units[at] != form->units[at - 1])
            continue;
        word.length = 0; /* one doubled */
        append_letters(&word, (Piece){form->units, at});
        append_letters(&word, (Piece){form->units + at + 1, form->length - at - 1});
        note_meant(self, &word, &meant, &other);
    }
    if (meant && !other)
        put_lemmas_of(self, meant, lemmas);
    return 0;
}

static void finish(const English *self, Lemmas *lemmas)
{
    size_t count = lemmas->count;
    for (size_t place = 0; place < count; place++)
        put_american(self, &lemmas->items[place], lemmas);
    for (size_t place = 0; place < lemmas->count; place++)
        lemmas->common[place] = is_english(&lemmas->items[place]) && is_common_entry(entry_of(self, &lemmas->items[place]));
    if (lemmas->count == MOST_LEMMAS)
        lemmas->count = 0; /* there may be more */
}

/* The lemmas of a form that the table has. */
Status find_english(void *state, const Text *text, Lemmas *lemmas)
{
    const English *self = state;
    const Entry *entry;
    Letters form;
    lemmas->count = 0;
    if (read_word(self, text, &form, &entry)) {
        put_lemmas_of(self, entry, lemmas);
        finish(self, lemmas);
    }
    return FINE;
}

/* Those of a form that no dictionary has. */
static Status find_guesses(void *state, const Text *text, Lemmas *lemmas)
{
    const English *self = state;
    const Entry *entry;
    Letters form;
    lemmas->count = 0;
    if (!read_word(self, text, &form, &entry) || is_form(entry))
        return FINE;
    put_new(lemmas, &form);
    put_inflected(self, &form, lemmas);
    if (put_mistyped(self, &form, lemmas))
        lemmas->count = 0;
    else
        finish(self, lemmas);
    return FINE;
}

PyObject *english_lemmas(PyObject *self, PyObject *words) { return lists_of_lemmas(words, find_english, self); }
PyObject *english_guesses(PyObject *self, PyObject *words) { return lists_of_lemmas(words, find_guesses, self); }
