"""Words that say how others belong together: they stand in every text, and to look for one in the other language finds noise."""

# ruff: noqa: SIM905 (word tables are easier to read and to change as text)

from __future__ import annotations

FUNCTION_WORDS = frozenset(
    """
    a an the and or but nor if then than that this these those of to in on at by for from with without within into onto upon
    about above below under over between among through during before after since until till against along across behind beside
    besides beyond despite except toward towards near off out up down as so such not no yes only just also too very quite rather
    even still yet already again ever never always often once i you he she it we they me him her us them my your his its our
    their mine yours hers ours theirs myself yourself himself herself itself ourselves themselves who whom whose which what when
    where why how whether is am are was were be been being have has had having do does did done doing will would shall should
    can could may might must ought need let get got here there now some any each every either neither both all most more much
    many few little less least other another same own one ones else etc because while although though unless like per via и а но
    или либо да нет не ни же ли бы б в во на с со к ко у о об обо от до из изо за над надо под подо при про по для без через
    между среди перед передо около возле после кроме ради вместо вокруг против сквозь я ты он она оно мы вы они меня тебя его ее
    её нас вас их мне тебе ему ей нам вам им мной тобой себя себе собой мой твой свой наш ваш кто что какой который чей где куда
    откуда когда как почему зачем сколько этот эта это эти тот та те такой так там тут здесь туда сюда тогда потом теперь сейчас
    уже еще ещё только лишь даже тоже также очень весь вся всё все всех каждый любой сам самый один другой иной быть есть был
    была было были будет мочь можно нельзя нужно если чтобы чтоб хотя потому поэтому пока ведь вот вон раз то нибудь больше
    меньше более менее много мало несколько well том тем того тому той тою теми тех этом этого этому этой этим этими этих чего
    чему чем кого кому ком кем нем нём нему него них ним ними ней нее неё нею ею ими мои моя мое моё моего моему моей моим моими
    моих мою моем моём твои твоя твое твоё твоего твоей твоих твою свои своя свое своё своего своему своей своим своими своих
    свою своем своём наши наша наше нашего нашей нашим наших нашу вашего вашей ваши ваша ваше ваших всего всему всем всеми всей
    всю какая какое какие какого каких каким каком которая которое которые которого которой которых которым которую котором чья
    чьё чье чьи сама само сами самого самой самых будут буду одна одно одни одного одной могут может мог могла могли эту ту сих
    сей
    """.split()
)
