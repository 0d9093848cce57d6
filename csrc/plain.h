/* Plain queries: read_plain.c reads them, plain_query.c answers them, known_words.c keeps their words, plain_word.c makes them. */
#ifndef NAIDI_PLAIN_H
#define NAIDI_PLAIN_H

#include "lexicon.h"

struct Correspondences;
struct Derivation;
struct Skeletons;

/* -- reading */

enum { MOST_TOKENS = 256, LONGEST_PLAIN_WORD = 100 };

/* The words of a query, as str.split gives them. */
typedef struct {
    PyObject *items[MOST_TOKENS];
    size_t count;
} Tokens;

/* Split [from, to) of a query. 1: all words are of letters and digits; 0: not so, or there are none or too many; -1: an exception is set. */
int split_plain(PyObject *query, Py_ssize_t from, Py_ssize_t to, Tokens *tokens);
void free_tokens(Tokens *tokens);
/* Whether any of the words may be an operator; -1 with an exception. */
int has_reserved(PyObject *reserved, const Tokens *tokens);
/* Drop an AND between all words. 1: done; 0: they have other operators, or one too many; -1: an exception is set. */
int drop_operators(PyObject *reserved, Tokens *tokens);
/* Whether a query is a word of letters and digits with a star behind it, perhaps among blanks: where it stands. */
int is_beginning(PyObject *query, Py_ssize_t longest, Py_ssize_t *from, Py_ssize_t *to);
/* The beginnings of the forms that begin as a word of Latin or Russian letters with a star behind it: in small letters, and in capitals
   unless it is longer than `longest_capitals`; each with е or ё in each place of these letters. Gives how many; 0 if only Python can tell,
   or if more than `most_twins` letters are of these. */
enum { MOST_TWINS = 3, MOST_BEGINNINGS = 2 << MOST_TWINS };
typedef struct {
    Beginning items[MOST_BEGINNINGS];
    uint8_t bytes[MOST_BEGINNINGS][2 * LONGEST_PLAIN_WORD];
} Beginnings;
size_t read_beginnings(PyObject *text, Py_ssize_t longest_capitals, size_t most_twins, Beginnings *beginnings);
/* Whether a query is "words" or "words"~9: the end of the words, and the number. A greater number has a limit, so it is left to others. */
int is_phrase(PyObject *query, Py_ssize_t *end, Py_ssize_t *slop);

/* -- words */

/* A word that answers a word of a query, and the factor of its scores: for the whole query, and beside other words. */
typedef struct {
    Word *word;
    double alone, among_others;
} PlainArm;

/* A plain word with its derived words. */
typedef struct {
    Known known;
    PlainArm *arms; /* the first is the word itself */
    double *similarities; /* of each arm to the word */
    size_t count, translated; /* the arms behind the first that are translations: derived words follow them */
} PlainWord;

/* What a plain word gets. */
typedef struct {
    Py_ssize_t rare; /* a word in at least so many documents gets no derived words */
    Py_ssize_t most; /* derived words */
    double weight; /* of a derived word that is as similar as can be */
    double least; /* the least that a posting adds to a score, by the most */
} Derived;

/* A word of Latin or Russian letters, small but for the first, in small letters as tables have it. Gives its bytes, the line feed
   included, 0 for another word. */
size_t plain_form(PyObject *text, uint8_t *form);
/* 1: a live document has the form, and `known` says what is known of it; 0: another way must be gone; -1: an exception is set. */
int know_plain(const Collection *collection, const uint8_t *form, size_t length, PlainWord *word);
/* The translations of a word. keys: a tuple of strings, or NULL for none. */
typedef struct {
    PyObject *keys;
    double weight;
} Translations;

/* The same for its words, with translations, and with the relatives that the tables tell, or NULL for none. */
int make_arms(Collection *collection, const Translations *translations, const struct Derivation *tables, const Derived *derived, PlainWord *word);
void free_plain_word(PlainWord *word);

/* A word of queries, or a beginning, or a word of phrases. No arms: nothing of it is known here. */
typedef struct {
    PyObject_HEAD
    PyObject *text, *keys, *stem; /* NULL for a beginning */
    int leads; /* whether a name of several words may begin with it */
    int made_here; /* the first arm is what it is in a phrase, too */
    int is_common; /* in so many documents that it has no derived words, and is no slip: nothing is told of it */
    PlainArm *arms;
    size_t count;
} KnownWord;

/* Known words; as search/cache.py. */
typedef struct {
    PyObject *fresh, *older; /* dict[str, KnownWord] */
    size_t half, fresh_bytes;
} WordCache;

/* Answers plain queries. */
typedef struct {
    PyObject_HEAD
    Collection *collection;
    Derived derived;
    size_t rescored; /* how many of the best documents may get a bonus for nearness */
    Py_ssize_t longest; /* query */
    size_t most_words, most_free, most_near;
    Py_ssize_t longest_prefix;
    PyObject *reserved; /* words that may be operators: frozenset[str] */
    PyObject *function_words; /* which have no relatives and are no names: frozenset[str] */
    PyObject *prepared; /* first letters of keys for which `begins` is complete: set[str], or None if it always is */
    PyObject *begins; /* tuple[dict, ...] of the keys that names begin with */
    Py_ssize_t first_letters;
    int translates; /* whether rare words may have translations */
    struct Derivation *derivation[2]; /* for words that are not ASCII, and for those that are; NULL until the first rare one */
    struct Skeletons *skeletons; /* NULL until the first word that is not common */
    struct Correspondences *correspondences;
    Py_ssize_t longest_capitals, most_twins; /* -1 until the first beginning */
    Py_ssize_t shortest_name, longest_name, most_spellings;
    double least_name;
    WordCache words, in_phrases;
} PlainQueries;

extern PyTypeObject KnownWordType, PlainQueriesType;

/* What is known of a word of a query or a beginning, and of a word of a phrase; NULL with an exception. The caller lets go of it.
   owner: is asked for what is not known here; see _core.pyi. */
KnownWord *known_word(PlainQueries *queries, PyObject *owner, PyObject *text);
KnownWord *known_beginning(PlainQueries *queries, PyObject *owner, PyObject *text);
KnownWord *known_in_phrase(PlainQueries *queries, PyObject *owner, PyObject *text);
/* plain(owner, text) */
PyObject *queries_plain(PyObject *self, PyObject *args);
/* 1: a name of several words may begin with a plain word; 0: none does; -1: an exception is set; 2: it may have alternatives that are no
   derived words. */
int leads_alone(PlainQueries *queries, PyObject *owner, PyObject *text, const Known *known);
/* Whether no name begins with a word of these keys and the next one, of the keys `next`; NULL: whether none is the word alone. 0 if only
   Python can tell. */
int begin_no_name(const PlainQueries *queries, PyObject *keys, PyObject *next);

#endif
