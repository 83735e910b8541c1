"""Measures of a text's form: words, clauses, hedges, reading grade. Pure; meaning plays no part.

The item-flaw rules and the cue-leak guesser both look at options through these measures only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

REASON: Final = re.compile(
    r"\b(because|since|so that|so as to|in order to|given that|which is why|as a result|"
    r"in case|to avoid|to protect|to keep)\b",
    re.IGNORECASE,
)
ABSOLUTE: Final = re.compile(
    r"\b(always|never|all|none|every|everyone|everything|nobody|no one|nothing|only|entirely|"
    r"completely|totally|absolutely|must|under no circumstances|guarantees?|impossible)\b",
    re.IGNORECASE,
)
HEDGE: Final = re.compile(
    r"\b(may|might|could|can|perhaps|possibly|usually|often|generally|some|if|unless|whether|"
    r"as far as|where possible|at least|for now)\b",
    re.IGNORECASE,
)
WARM: Final = re.compile(
    r"\b(explain\w*|ask(s|ing)?|together|gently|feel\w*|thank\w*|invit\w+|listen\w*|offer\w*|"
    r"welcom\w+|talk\w*|private(ly)?|acknowledg\w+|support\w*|open(ly)?)\b",
    re.IGNORECASE,
)
CAREFUL: Final = re.compile(
    r"\b(consult\w*|document\w*|polic(y|ies)|plan\w*|record\w*|review\w*|consent\w*|secure\w*|"
    r"written|note[sd]?|supervis\w+|check\w*|agree\w*|assess\w*)\b",
    re.IGNORECASE,
)
NEGATION: Final = re.compile(
    r"\b(not|no|without|leav\w+|declin\w+|remov\w+|delet\w+|stop\w*|avoid\w*|refrain\w*|never|"
    r"neither|nor)\b|n't\b",
    re.IGNORECASE,
)
TIME: Final = re.compile(
    r"\b(before|after|until|when|while|first|then|today|tonight|now|next|at once|immediately|"
    r"(mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
SESSION: Final = re.compile(
    r"\b(in (the |her |his |their |your )?(next )?(session|visit|meeting|appointment)|"
    r"(at|until|before|for|by) the (next|coming) (session|visit|meeting|appointment|contact)|"
    r"next (session|visit|meeting|appointment|contact)|in person|face to face|"
    r"(on|until|before) (mon|tues|wednes|thurs|fri|satur|sun)day('s (session|visit))?)\b",
    re.IGNORECASE,
)
SHE: Final = re.compile(r"\b(she|her|hers|herself|ms\.|mrs\.)(?![\w])", re.IGNORECASE)
HE: Final = re.compile(r"\b(he|him|his|himself|mr\.)(?![\w])", re.IGNORECASE)

_WORD = re.compile(r"[A-Za-z]+(?:['\u2019][A-Za-z]+)*|\d+")
_JOINT = re.compile(r"[,;:]|\b(?:and|then|but|or)\b", re.IGNORECASE)
_ACTION = re.compile(
    r"(?:^|[;,.]\s+|\b(?:and|then|but)\s+)(?:(?:and|then|but)\s+)*([a-z]+)", re.IGNORECASE
)
_SENTENCE = re.compile(r"[.!?]+(?:[\"'\u201d\u2019)]*)(?=\s|$)")
_ABBREVIATION = re.compile(r"\b(Mr|Mrs|Ms|Dr|St|No|vs|etc|e\.g|i\.e|[A-Z])\.(?=\s|[A-Z])")
_VOWELS = re.compile(r"[aeiouy]+")
_STEM = re.compile(r"(ations?|ings?|edly|ed|ies|es|s|ly|e)$")
QUOTES: Final = ("'", '"', "\u2018", "\u201c")
CONTENT_LENGTH: Final = 5
"""Letters from which on a word counts as carrying content."""
_LIST = re.compile(r"[a-z]+")
_COMMON = frozenset(
    _LIST.findall(
        """
        about above after again against among another around because before being below between
        both could doing during every first following found going their there these those through
        today tonight under until where which while whose would should might other still than then
        them client clients therapist practice session appropriate next step best most action
        """
    )
)


def words(text: str) -> list[str]:
    """Return the words of a text, in order, as written."""
    return _WORD.findall(text)


def content(text: str) -> frozenset[str]:
    """Return the stems of a text's longer, less common words."""
    low = (w.lower().replace("\u2019", "'").removesuffix("'s") for w in words(text))
    return frozenset(_STEM.sub("", w) for w in low if len(w) >= CONTENT_LENGTH and w not in _COMMON)


def joints(text: str) -> int:
    """Count the places where a text could be cut into clauses: commas, semicolons, conjunctions."""
    return len(_JOINT.findall(text))


def actions(text: str, verbs: Iterable[str] = ()) -> int:
    """Count what a text tells one to do: the verb it opens with, and verbs after a joint.

    A word after a joint counts as a verb when it is known as one or opens the text.
    """
    known = _VERBS.union(verbs)
    starts = [w.lower() for w in _ACTION.findall(text)]
    return max(1, sum(w in known for w in starts))


def opening(text: str) -> str:
    """Return the grammatical kind of a text's first word, as far as its form shows it.

    One of verb, gerund, noun phrase, pronoun, adverb, quotation, number, or empty.
    """
    first = next(iter(words(text)), "").lower()
    kinds = {
        "quotation": text[:1] in QUOTES,
        "empty": not first,
        "number": first.isdigit(),
        "verb": first in _VERBS,
        "noun phrase": first in _DETERMINERS,
        "pronoun": first in _PRONOUNS,
        "gerund": first.endswith("ing"),
        "adverb": first.endswith("ly"),
    }
    return next((kind for kind, holds in kinds.items() if holds), "verb")


def sentences(text: str) -> int:
    """Count the sentences of a text; at least one."""
    return max(1, len(_SENTENCE.findall(_ABBREVIATION.sub(r"\1", text))))


def syllables(word: str) -> int:
    """Estimate the syllables of an English word from its groups of vowels."""
    low = word.lower()
    count = len(_VOWELS.findall(low))
    if low.endswith("e") and not low.endswith(("le", "ee", "ye")) and count > 1:
        count -= 1
    if low.endswith("ed") and not low.endswith(("ted", "ded")) and count > 1:
        count -= 1
    return max(1, count)


def reading_grade(text: str) -> float:
    """Return the Flesch-Kincaid grade: the school year in which the text reads easily."""
    found = [w for w in words(text) if w[0].isalpha()]
    if not found:
        return 0.0
    per_sentence = len(found) / sentences(text)
    per_word = sum(map(syllables, found)) / len(found)
    return 0.39 * per_sentence + 11.8 * per_word - 15.59


_DETERMINERS = frozenset(
    _LIST.findall("a an the this that these those your their her his its some any")
)
_PRONOUNS = frozenset(_LIST.findall("i you he she it we they there who what"))
_VERBS = frozenset(
    _LIST.findall(
        """
        accept accompany acknowledge act add adjust admit advise agree alert allow
        anonymize answer apologize apply approve arrange ask assess assign assume attach
        back ban base block blur book brief bring build buy call cancel carry charge check
        choose clear close collect come comment compare complete confirm consult contact
        continue copy count cover create crop cut decide decline delay delete describe
        disable disclose disconnect discuss display do document download draft drive drop
        edit email empty encourage end enter escalate explain explore export express
        extend face fax file fill find finish fix flag fly follow forward free gather get
        give go grant greet guide hand handle hear help hide hold host identify ignore
        include inform inquire install introduce invite join keep label lead learn leave
        let lift like limit line link list listen load locate lock log look lower mail
        maintain make manage map mark mask match meet mention message mind move mute name
        narrow note notice notify object observe obtain offer omit open order outline own
        park pass pause pay permit phone pick pin place plan point post praise prefer
        prepare present preserve press prevent print proceed process promise propose
        protect provide prune publish pull purge pursue push put question quit quote raise
        rank reach react read reassure recommend reconsider record redact redirect reduce
        refer refill reframe refuse register reject relay release rely remain remind
        remove rename renew rent reopen repair repeat rephrase replace reply report repost
        request reschedule resend reset resolve respond rest restore restrict resume
        retain retake retract return reveal review revise reword rewrite ride ring route
        rule run save say scan schedule screen seal search secure see seek sell send
        separate serve set settle share shift shorten show shut sign sit sketch skip slow
        soften sort speak spell split stand start state stay stick stop store strike study
        submit suggest supervise supply suspend swap switch tag take talk tape teach tell
        test text thank thread tie track train transfer treat trim trust try turn type
        unfollow unlink unpin unsend untag update upload use verify view visit voice void
        wait walk warn watch weigh welcome withdraw withhold work write
        """
    )
)
