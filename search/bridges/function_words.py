"""The function words of both languages: words that hold a sentence together and name nothing.

They are the closed classes: articles, pronouns, prepositions, conjunctions, particles, auxiliary verbs and the adverbs that ask,
point or measure. Each stands in nearly every text of its language. If an index lacks one, it has texts of the other language, and
there the word is no name and no slip: `which` is not «Вич», and `her` is not «рук» typed in the wrong layout.
"""

from __future__ import annotations

_ENGLISH = """
a an the
i me my mine myself you your yours yourself yourselves he him his himself she her hers herself it its itself
we us our ours ourselves they them their theirs themselves one oneself
this that these those such same other another each every either neither both all any some no none few many much several more
most less least
who whom whose which what whatever whichever whoever
somebody someone something anybody anyone anything nobody nothing everybody everyone everything
and or but nor so yet if unless whether because since although though while whereas than as until till once
of in on at by for from to with without within into onto upon about above across after against along among amongst around before
behind
below beneath beside besides between beyond despite down during except inside like near off out outside over past per through
throughout
toward towards under underneath up via
be am is are was were been being have has had having do does did done doing
can could may might must shall should will would ought
not never there here where when why how then thus hence therefore however also too very just only even else again
don't doesn't didn't isn't aren't wasn't weren't haven't hasn't hadn't can't cannot couldn't won't wouldn't shouldn't
it's i'm i've i'll you're we're they're he's she's that's what's there's let's
already always etc ever get got let little need now often ones own quite rather still well yes
"""

_RUSSIAN = """
я меня мне мной мною ты тебя тебе тобой тобою он его него ему нему им ним нём она её неё ей ней ею нею оно мы нас нам нами вы
вас вам вами
они их них ими ними себя себе собой собою
мой моя моё мои моего моей моему моим моём моими моих мою твой твоя твоё твои твоего твоей твоему твоим твоих твою
наш наша наше наши нашего нашей нашему нашим нашем наших нашу нашими ваш ваша ваше ваши вашего вашей вашему вашим вашем ваших
вашу вашими
свой своя своё свои своего своей своему своим своём своих свою своими
этот эта это эти этого этой этому этим этом этих эту этими тот та то те того той тому тем том тех ту теми
такой такая такое такие такого такому таким таком таких такую такими
который которая которое которые которого которой которому которым котором которых которую которыми
какой какая какое какие какого какому каким каком каких какую какими
кто кого кому кем ком что чего чему чем чём чей чья чьё чьи
весь вся всё все всего всей всему всем всём всех всю всеми сам сама само сами самого самой самому самим самих саму
каждый каждая каждое каждые каждого каждой каждому каждым каждом каждую другой другая другое другие другого другому другим
других другую
никто никого ничто ничего кто-то что-то кто-нибудь что-нибудь
и а но да или либо ни если чтобы чтоб что как так также тоже потому поэтому хотя пока когда где куда откуда почему зачем сколько
будто словно ли же бы ведь вот даже лишь только уже ещё не нет
в во на с со к ко по за из изо от ото до у о об обо при про для без безо над надо под подо перед передо через между среди вокруг
около
возле после вместо кроме ради из-за из-под
быть есть был была было были будет будут буду будем будешь будете бы
здесь тут там туда сюда тогда теперь очень
б более больше вон иной любой мало менее меньше много мог могла могли могут может можно мочь нельзя несколько нибудь нужно
один одна одни одно одного одной потом против раз самый самых сей сейчас сих сквозь тою
"""


def _as_typed() -> frozenset[str]:
    words = set((_ENGLISH + _RUSSIAN).split())
    words |= {word.replace("ё", "е") for word in words}
    return frozenset(words | {word.capitalize() for word in words})


# In small letters, or with a capital at the beginning. In capitals they may be others: WHO, IT, US.
FUNCTION_WORDS = _as_typed()


def is_function_word(text: str) -> bool:
    """Whether a word, as typed, is a function word of either language. One in capitals of several letters is none.

    >>> is_function_word("Which"), is_function_word("него"), is_function_word("WHO"), is_function_word("руддщ")
    (True, True, False, False)
    """
    return text in FUNCTION_WORDS
