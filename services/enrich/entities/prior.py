"""What kind a name is: tables and the rest of the document weigh more than one sentence."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from services.enrich.entities.first_names import first_names
from services.enrich.entities.fold import fold
from services.enrich.entities.gazetteer import Candidate, Gazetteer
from services.enrich.entities.lexicon import Lexicon
from services.enrich.entities.name import Label, Name
from services.enrich.entities.people import surname

#: Words that make a name an organisation's.
ORG_WORD = re.compile(
    r"\b(?:ministry|department|dept|office|agency|council|committee|commission|party|army|forces?|corps|navy|"
    r"police|university|college|school|institute|bank|company|group|association|society|union|league|club|"
    r"court|senate|parliament|assembly|board|authority|foundation|centre|center|hospital|church|team|news|"
    r"times|post|press|inc|ltd|corp|co|plc|llc|gmbh|federation|organi[sz]ation|bureau|service|services|"
    r"administration|government|front|brigades?|battalion|regiment|division|squad|fc|united|city|rovers|"
    r"orchestra|band|academy|records|airlines|airways|motors|museum|library|trust|fund|network|ministries)\b",
    re.IGNORECASE,
)
#: Words that make a name an armed group's or a movement's.
GROUP_NAME = re.compile(
    r"\b(?:liberation (?:front|army|movement)|democratic forces|brigades?|militias?|rebels?|insurgents?|"
    r"jihad|freedom fighters|mujahideen|cartel|mafia|gang|guerrillas?|resistance)\b",
    re.IGNORECASE,
)
#: Words that make a name a place's, whatever a recogniser says.
PLACE_WORD = re.compile(
    r"\b(?:street|avenue|ave|road|lane|boulevard|river|lake|dock|playfield|bridge|mountains?|hills?|islands?|valley|"
    r"beach|bay|creek|falls|pond|reservoir|square|stadium|arena|airport|harbou?r|castle|highway|forest|desert|"
    r"peninsula|canyon|plateau|county|parish|township|province|governorate|river|glacier|cemetery|park|plaza)$",
    re.IGNORECASE,
)
_LOCATED = re.compile(
    r"\b(?:in|near|outside|throughout|across|(?:city|town|village|port|municipality|province|district|state|"
    r"island|region|suburb) of)\s+(?:\w+ern\s+|downtown\s+|central\s+|nearby\s+)?$",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"\b(?:from|at|to|of|\d+, of|between|around|toward|towards|leaving|left|reached)\s+$", re.IGNORECASE
)
_IS_PLACE = re.compile(
    r",?\s+(?:is|was|,)\s+(?:a|an|the)\s+(?:\w+\s+){0,3}?(?:village|town|city|municipality|suburb|district|"
    r"province|commune|river|island|county|hamlet|settlement|neighbou?rhood|township|port|lake)\b"
)
_SPEAKS = re.compile(
    r",?\s+(?:said|says|told|added|who|asked|wrote|explained|recalled|joked)\b|,\s+(?:a|an|the|\d\d),?\s"
)
_TEAM = re.compile(r"\w (?:City|United|Rovers|Wanderers|Athletic|Town|Albion|County FC|FC)$")
_SAYS = ("said", "says", "told", "added", "recalled", "joked", "explained", "admitted", "wrote")
_SPOKEN = re.compile(
    r"\b(?:said|says|added|asked|recalled|minister|president|secretary|director|captain|by)\s+$",
    re.IGNORECASE,
)
# "Winona police", "a Chatham man".
_LOCAL = re.compile(
    r"\s+(?:police|man|woman|residents?|mayor|firefighters|natives?|couple|teen|teenager|officials|"
    r"city council|council|area|schools|hospital)\b"
)
_IN_DIVISION = re.compile(r",\s+([^\W\d_a-z][\w.]*(?: [^\W\d_a-z][\w.]*)?)")


def relabel(text: str, names: Sequence[Name], gazetteer: Gazetteer, lexicon: Lexicon) -> None:
    """Corrects the labels of ``names`` in place."""
    for name in names:
        if not name.trusted:
            _by_tables(text, name, gazetteer, lexicon)
    _agree(names)
    places = {name.text: name for name in names if name.label.is_place}
    talkers = {form for form, name in places.items() if _talks(text, name, gazetteer)}
    for name in names:
        if name.text in talkers and not name.trusted:
            name.label = Label.PERSON
    _surnames(text, names)
    _short_names(names, gazetteer)


def _by_tables(text: str, name: Name, gazetteer: Gazetteer, lexicon: Lexicon) -> None:
    known = lexicon.find(name.text)
    # "Finn" and "Scot" are first names too: there the sentence decides.
    if known and not (known.label is Label.NORP and name.label in (Label.OTHER, Label.PERSON)):
        name.label, name.trusted = known.label, True
        return
    if name.label is Label.GPE or len(name.text) < 2:
        if _TEAM.search(name.text) and not gazetteer.lookup(name.text):
            name.label = Label.ORG
        return
    if name.label is Label.ORG and GROUP_NAME.search(name.text):
        name.label = Label.GROUP
        return
    if name.label is Label.PERSON and PLACE_WORD.search(name.text) and " " in name.text:
        # "Bobby Morris Playfield", but not Susan Park.
        if name.text.count(" ") > 1 or name.text.split(" ")[0] not in first_names():
            name.label = Label.LOC
        return
    if name.label is Label.ORG and _is_person(text, name):
        name.label = Label.PERSON
        return
    places = gazetteer.lookup(name.text)
    if not places:
        if name.label in (Label.PERSON, Label.ORG) and _is_unknown_place(text, name):
            name.label = Label.LOC
        elif name.label is Label.PERSON and _is_team(name, gazetteer):
            name.label = Label.ORG
        return
    if name.label is Label.PERSON:
        famous = name.text.split(" ")[0] not in first_names() and any(
            place.preferred and place.population >= 200_000 for place in places
        )
        if famous or _is_where(text, name, places, gazetteer):
            name.label = Label.GPE
    elif name.label is Label.LOC:
        if weighty(places[0]):
            name.label = Label.GPE
    else:
        acronym = name.text.isupper() and len(name.text) <= 5 and places[0].kind not in ("country", "union")
        if not acronym and (_is_where(text, name, places, gazetteer) or any(map(weighty, places))):
            name.label = Label.GPE


def _talks(text: str, name: Name, gazetteer: Gazetteer) -> bool:
    """Whether a supposed town speaks: capitals, countries and states do, "Haaland said" is a person."""
    if " " in name.text or name.text.isupper():
        return False
    return any(f"{name.text} {verb}" in text for verb in _SAYS) and not any(
        place.kind not in ("city", "admin2") or place.population > 1_000_000
        for place in gazetteer.lookup(name.text)
    )


def _is_person(text: str, name: Name) -> bool:
    """A first name and one more word, where speakers and office-holders stand."""
    words = name.text.split()
    if len(words) not in (2, 3) or words[0] not in first_names() or ORG_WORD.search(name.text):
        return False
    if not all(word[:1].isupper() and not word.isupper() for word in words):
        return False
    return bool(_SPEAKS.match(text, name.end) or _SPOKEN.search(text, max(0, name.start - 24), name.start))


def _is_where(text: str, name: Name, places: Sequence[Candidate], gazetteer: Gazetteer) -> bool:
    """Whether the words around speak of a place."""
    if located(text, name) or _IS_PLACE.match(text, name.end):
        return True
    if _LOCAL.match(text, name.end) and any(p.preferred and p.population >= 1_000 for p in places):
        return True
    found = _IN_DIVISION.match(text, name.end)
    if found:
        regions = gazetteer.lookup(found[1].rstrip(".")) or gazetteer.lookup(found[1].split()[0])
        codes = {region.admin1 for region in regions if region.kind == "admin1"}
        if any(place.admin1 in codes for place in places):
            return True
    if _FROM.search(text, max(0, name.start - 14), name.start):
        return any(place.preferred and place.population >= 5_000 for place in places) and " " not in name.text
    return False


def _is_unknown_place(text: str, name: Name) -> bool:
    """Whether a name that no gazetteer has is said to be a village, or something to be in it."""
    if _IS_PLACE.match(text, name.end):
        return True
    plain = name.label is Label.PERSON and " " not in name.text and name.text not in first_names()
    return plain and located(text, name) and text[name.end : name.end + 1] in ("", ",", ".", ";", ")")


def _is_team(name: Name, gazetteer: Gazetteer) -> bool:
    """Whether this is a city and a plural, as "Baltimore Colts"."""
    city, _, last = name.text.rpartition(" ")
    if not city or not last.endswith("s") or city.split(" ")[0] in first_names():
        return False
    return any(place.preferred and place.population >= 100_000 for place in gazetteer.lookup(city))


def located(text: str, name: Name) -> bool:
    """Whether something is said to be in it. "DEFEAT IN SURPRISE" says nothing."""
    if name.text.isupper() and text[max(0, name.start - 3) : name.start].isupper():
        return False
    return _LOCATED.search(text, max(0, name.start - 34), name.start) is not None


def weighty(place: Candidate) -> bool:
    """Whether a bare name most likely means this place and nothing else."""
    if place.kind in ("country", "capital"):
        return True
    if place.kind in ("city", "admin1", "admin2"):
        return place.population >= (50_000 if place.preferred else 200_000)
    return place.preferred


def _agree(names: Sequence[Name]) -> None:
    """One spelling, one label: the majority's, unless a mention is trusted."""
    votes: dict[str, Counter[Label]] = defaultdict(Counter)
    for name in names:
        votes[fold(name.text)][name.label] += 100 if name.trusted else 1
    for name in names:
        counts = votes[fold(name.text)]
        if len(counts) > 1 and not name.trusted:
            best, most = counts.most_common(1)[0]
            if most > counts[name.label]:
                name.label = best


def _surnames(text: str, names: Sequence[Name]) -> None:
    """A lone surname is the person whose full name the document holds."""
    surnames = {surname(name.text) for name in names if name.label is Label.PERSON}
    for name in names:
        if name.text in surnames and not name.trusted and not located(text, name):
            name.label = Label.PERSON


def _short_names(names: Sequence[Name], gazetteer: Gazetteer) -> None:
    """Where "Pelican Robotics" and "Clydeholm Rovers" are bodies, so are "Pelican" and "Rovers"."""
    shorts: set[str] = set()
    for name in names:
        words = name.text.split()
        if name.label in (Label.ORG, Label.GROUP) and 1 < len(words) < 5:
            shorts.update(word for word in (words[0], words[-1]) if len(word) > 3)
    for name in names:
        unsure = not name.trusted and name.label in (Label.LOC, Label.NORP, Label.OTHER)
        if unsure and name.text in shorts and not any(map(weighty, gazetteer.lookup(name.text))):
            name.label = Label.ORG
