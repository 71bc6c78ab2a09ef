"""Names out of bylines: people apart from agencies, roles, places and the words around them."""

import re
from collections.abc import Iterable

_LEAD = re.compile(
    r"^(?:(?:(?:by|von|par|por|di|da|door|av|af|od|przez|from|text|words|texto|texte|written|reported|story|posted|published"
    r"|reviewed|author|authors|autor(?:[:*_]?in(?:nen)?|es|a)?|автор(?:ы)?|текст|ein\s+\w+\s+von|geschrieben\s+von|a\s+cura\s+di)\b\s*(?:by\b)?"
    r"|作者|文|記者|기자)\s*[:：/]?\s*)+",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\s*(?:[;|/\n•·,、]|\s[–—-]\s|\s(?:and|und|et|y|e|en|og|och|i|и|та|ve|&|with|mit|avec)\s)\s*",
    re.IGNORECASE,
)
#: Words that no person's name holds: an organisation, a desk, a role, a platform.
_NOT_PERSON = re.compile(
    r"""\b(?:afp|ap|apa|dpa|upi|tass|itar|reuters|ansa|efe|lusa|ntb|tt|ritzau|belga|anp|pti|ani|ians|xinhua|kyodo|yonhap|interfax
    |unian|ukrinform|sid|epd|kna|bloomberg|associated|press|agenc\w*|agentur\w*|news|newsroom|desk|staff|team|editor(?:s|ial)?|redak\w+|redac\w+|rédaction
    |redazione|redactie|reporters?|correspondents?|korrespondent\w*|admin|administrator|webmaster|guest|contributors?|authors?|magazine|zeitung|times|post|tribune
    |journal|gazette|herald|daily|weekly|online|digital|media|medien|group|inc|llc|ltd|gmbh|corp|foundation|institute|university|association|society|service
    |network|radio|tv|television|bureau|office|ministry|department|committee|council|board|company|copyright|photo|video|www|http|com|org|net
    |magazin\w*|bundes\w+|ministeri\w+|\w*amt|\w*fraktion|partei|kreuz|sekretariat|ag|verein|verband
    |director|manager|president|sr|chief|specialist|expert|md|phd|ceo|cto|owner|founder|coach|bio|profile|about|view|all|posts?
    |writer|columnist|journalist|producer|anonymous|user|unknown|none|null|undefined|read|more|share|comments?|minutes?|updated|published|facebook|twitter
    |new\s+york|washington|london|berlin|paris|wire|wires|services|sports|politics|business|the)\b|@|\d|[{}<>=_#]""",
    re.IGNORECASE | re.VERBOSE,
)
_ROLE = re.compile(
    r"\s*[,(–—|-]\s*(?:\w+\s+){0,4}(?:editor|reporter|correspondent|writer|columnist|journalist|contributor|redakteur\w*|korrespondent\w*|redacteur|producer)\b.*$",
    re.IGNORECASE,
)
_TITLE = re.compile(r"^(?:dr|prof|mr|mrs|ms|sir|dame|hon|rev|ph\.?d|m\.?d)\.?\s+", re.IGNORECASE)
_SIGN = re.compile(r"\s*\(\w{1,6}\)\s*$")  # the short sign that desks know a colleague by
_SPACE = re.compile(r"\s+")


def is_person(name: str) -> bool:
    """Whether a name reads as one person's: two to five words that start like names do."""
    if not 3 <= len(name) <= 50 or _NOT_PERSON.search(name):
        return False
    words = name.replace(".", ". ").split()
    if not any(char.isalpha() for char in name):
        return False
    cased = [char for char in name if char.isupper() or char.islower()]
    if not cased:  # a script without case, where names may be one word
        return len(name) <= 25 and len(words) <= 5
    if not 2 <= len(words) <= 5:
        return False
    capital = [word for word in words if word[0].isupper()]
    return (len(capital) >= 2 and words[-1][0].isupper()) or (len(capital) == len(words))


def people(values: Iterable[str]) -> tuple[str, ...]:
    """The persons named in bylines or author fields, once each, in order."""
    found: dict[str, str] = {}
    for value in values:
        text = _LEAD.sub("", _SPACE.sub(" ", value).strip())
        text = _ROLE.sub("", text) if text.count(",") <= 1 else text
        for part in _SPLIT.split(text):
            name = _SIGN.sub("", _LEAD.sub("", part)).strip(" .,:;()[]\"'*")
            if is_person(_TITLE.sub("", name)):
                found.setdefault(name.casefold(), name.title() if name.isupper() else name)
    return tuple(found.values())
