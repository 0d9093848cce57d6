/* Guesses the nominative of a Russian name from the ending of an unknown word. name_cases.py is the definition. */
#include "morphology.h"

enum { OF_ADJECTIVES = 1, BEHIND_VOWEL = 2, BEHIND_HARD = 4, SHORTEST_NAME = 3 };

static int is_among(uint16_t letter, Piece letters)
{
    for (size_t place = 0; place < letters.length; place++)
        if (letters.units[place] == letter)
            return 1;
    return 0;
}

int is_vowel(uint16_t letter)
{
    return letter == YO || is_among(letter, PIECE(u"аеиоуыэюя"));
}

static int has_one_of(const Letters *word, const Piece *endings, size_t count)
{
    for (size_t each = 0; each < count; each++)
        if (ends_with(word, endings[each]))
            return 1;
    return 0;
}

/* How many letters a case ending has, and where such stand; 0: it is none. */
static size_t case_ending(const Letters *word, int *kinds)
{
    const struct {
        Piece ending;
        int kinds;
    } cases[] = {
        {PIECE(u"а"), BEHIND_HARD}, {PIECE(u"е"), BEHIND_VOWEL}, {PIECE(u"ыми"), OF_ADJECTIVES}, {PIECE(u"и"), BEHIND_VOWEL},
        {PIECE(u"ой"), BEHIND_HARD}, {PIECE(u"ей"), 0}, {PIECE(u"ом"), BEHIND_HARD}, {PIECE(u"ем"), BEHIND_VOWEL},
        {PIECE(u"ым"), OF_ADJECTIVES}, {PIECE(u"у"), BEHIND_HARD}, {PIECE(u"ых"), OF_ADJECTIVES}, {PIECE(u"ы"), BEHIND_HARD},
        {PIECE(u"ю"), BEHIND_VOWEL}, {PIECE(u"я"), BEHIND_VOWEL},
    };
    for (size_t each = 0; each < sizeof cases / sizeof *cases; each++)
        if (ends_with(word, cases[each].ending)) {
            *kinds = cases[each].kinds;
            return cases[each].ending.length;
        }
    return 0;
}

static void put_name(Work *work, const Letters *name, Piece ending, Lemmas *names)
{
    Letters whole = *name;
    put_letters(work, &whole, ending);
    put_lemma(work, names, &whole);
}

void put_nominatives(Work *work, const Letters *folded, Lemmas *names)
{
    const Piece adjectives[] = {PIECE(u"ому"), PIECE(u"ему"), PIECE(u"ую"), PIECE(u"ской"), PIECE(u"цкой")};
    const Piece surnames[] = {PIECE(u"ов"), PIECE(u"ев"), PIECE(u"ин"), PIECE(u"ын")};
    const Piece nothing = {NULL, 0};
    int kinds = 0;
    size_t length = case_ending(folded, &kinds);
    if (!length || folded->length - length < SHORTEST_NAME || has_one_of(folded, adjectives, sizeof adjectives / sizeof *adjectives))
        return;
    Letters name = *folded;
    name.length = (uint16_t)(folded->length - length);
    uint16_t last = name.units[name.length - 1], ending = folded->units[name.length];
    if (is_among(last, PIECE(u"ьъй")))
        return;
    int is_surname = has_one_of(&name, surnames, sizeof surnames / sizeof *surnames);
    if (kinds & OF_ADJECTIVES) {
        if (is_surname)
            put_name(work, &name, nothing, names);
    } else if (is_vowel(last)) {
        if (kinds & BEHIND_VOWEL)
            put_name(work, &name, PIECE(u"й"), names);
    } else if (kinds & BEHIND_HARD || is_among(last, PIECE(u"жшчщц")) || is_surname
               || (length == 1 && ending == u'и' && is_among(last, PIECE(u"гкх"))))
        put_name(work, &name, nothing, names);
    else {
        if (length == 1 && ending == u'е')
            put_name(work, &name, nothing, names);
        put_name(work, &name, PIECE(u"ь"), names);
    }
}
