"""Names out of bylines: people apart from agencies, roles, places and the words around them."""

import re
from collections.abc import Iterable

_LEAD = re.compile(
    r"""^(?:(?:(?:by|von|vom|par|por|di|da|door|av|af|od|przez|from|text|words|texto|texte|story
    |authors?|authored|auteure?s?|autor(?:[:*_/]?in(?:nen)?|es|a)?|автор(?:ы)?|текст|written|reported|posted|published
    |reviewed|submitted|created|a\s+cura\s+di|ein\s+\w+\s+von
    |(?:erstellt|veröffentlicht|verfasst|geschrieben|publié|écrit|escrito|publicado|scritto|pubblicato)\s+(?:von|par|por|da)
    )\b\s*(?:by\b)?|作者|文|記者|기자)\s*[:：/]?\s*)+""",
    re.IGNORECASE | re.VERBOSE,
)
_SPLIT = re.compile(
    r"""\s*(?:[;|/\n•·、]|,\s*(?:(?:and|und|et|y|e)\s)?|\s[–—-]\s
    |\s(?:and|und|et|y|e|en|og|och|i|и|та|ve|&|with|mit|avec)\s)\s*""",
    re.IGNORECASE | re.VERBOSE,
)
#: Words that no person's name holds: an organisation, a desk, a role, a platform.
_NOT_PERSON = re.compile(
    r"""\b(?:afp|ap|apa|dpa|upi|tass|itar|reuters|ansa|efe|lusa|ntb|tt|ritzau|belga|anp|pti|ani|ians|xinhua|kyodo|yonhap|interfax
    |unian|ukrinform|sid|epd|kna|bloomberg|associated|press|agenc\w*|agentur\w*|news|newsroom|desk|staff|team|editor(?:s|ial)?|redak\w+|redac\w+|rédaction
    |redazione|redactie|reporters?|correspondents?|korrespondent\w*|admin|administrator|webmaster|guest|contributors?|authors?|magazine|zeitung|times|post|tribune
    |journal|gazette|herald|daily|weekly|online|digital|media|medien|group|inc|llc|ltd|gmbh|corp|foundation|institute|university|association|society|service
    |network|radio|tv|television|bureau|office|ministry|department|committee|council|board|company|copyright|photo|video|www|http|com|org|net
    |magazin\w*|bundes\w+|ministeri\w+|\w*amt|\w*fraktion|partei|kreuz|sekretariat|ag|e\.\s?v|\w*verein|\w*verband|\w*stiftung|\w*weininstitut
    |director|manager|president|sr|chief|specialist|expert|md|phd|dvm|ceo|cto|owner|founder|coach|bio|profile|about|view|all|posts?
    |writer|columnist|journalist|producer|coordinator|analyst|developer|reviewers?|reviewed|anonymous|user|unknown|none|null|undefined|read|more|share
    |comments?|kommentare?|minutes?|updated|published|facebook|twitter|sign\s+(?:in|up)|log\s?in|jobs|bild|foto
    |new\s+york|washington|london|berlin|paris|wire|wires|services|sports|politics|business|the
    |reading|time|date|posted|get|started|guide|tips|tools|blog|print|search|menu|how|what|why|our|your|of)\b|@|\d|[{}<>=_#:?!©®™→]""",
    re.IGNORECASE | re.VERBOSE,
)
_ROLE = re.compile(
    r"\s*[,(–—|-]\s*(?:\w+\s+){0,4}(?:editor|reporter|correspondent|writer|columnist|journalist|contributor|redakteur\w*|korrespondent\w*|redacteur|producer)\b.*$",
    re.IGNORECASE,
)
_TITLE = re.compile(r"^(?:dr|prof|mr|mrs|ms|sir|dame|hon|rev|ph\.?d|m\.?d)\.?\s+", re.IGNORECASE)
#: Behind a name: a desk's short sign or a role in brackets; where or for whom it was written.
_BEHIND = re.compile(r"\s*\(.*$|\s+(?:for|für|pour|para|in|aus|from)\s+\S.*$", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S*@\S+")
#: What stands in small letters inside names: "van", "de la", "bin".
_PARTICLE = re.compile(
    r"(?:a[fvl]|ben|bin|bint|d[aeiou]|da[ls]|dalla|de[lnrs]|della|dos|du|el|ibn|l[aeo]|los|st|te|te[nr]|van|vander|vo[mn]|v|y|zu[mr]?)\b[.'’-]?",
)
_ELIDED = re.compile(r"^(?:[dlo]['’]|(?:al|el|ad|as|ash)-)(?=\w)")  # d'Emilio, al-Assad
#: Words by which a system speaks of no author in particular.
_NOBODY = re.compile(
    r"""\W*(?:(?:wp|word\s?press|site|super|web|noc)?[\s_-]*(?:admin(?:istrator)?|user|root|webmaster|redakteur)\d*|anonym(?:ous)?
    |unknown|none|null|undefined|n/?a|default|test|guest|publisher|editors?|authors?|the\s+author|autor(?:in)?|website|nachrichten|news
    |posted|written)\W*""",
    re.IGNORECASE | re.VERBOSE,
)
_SPACE = re.compile(r"[^\S\n]+")
_LONGEST = 60


def is_person(name: str) -> bool:
    """Whether a name reads as one person's: two to five words that start like names do."""
    if not 3 <= len(name) <= 50 or _NOT_PERSON.search(name):
        return False
    words = [_ELIDED.sub("", word) for word in name.replace(".", ". ").split()]
    if not any(char.isalpha() for char in name):
        return False
    cased = [char for char in name if char.isupper() or char.islower()]
    if not cased:  # a script without case, where names may be one word
        return len(name) <= 25 and len(words) <= 5
    if not 2 <= len(words) <= 5 or any(word[0].islower() and not _PARTICLE.match(word) for word in words):
        return False
    capital = [word for word in words if word[0].isupper()]
    return (len(capital) >= 2 and words[-1][0].isupper()) or (len(capital) == len(words))


def people(values: Iterable[str], *, as_written: bool = False) -> tuple[str, ...]:
    """The persons named in bylines or author fields, once each, in order.

    Names in capitals are spelled as names are, unless they are wanted ``as_written``.
    """
    found: dict[str, str] = {}
    for value in values:
        text = _LEAD.sub("", _SPACE.sub(" ", _ADDRESS.sub("", value)).strip())
        text = _ROLE.sub("", text) if text.count(",") <= 1 else text
        for part in _SPLIT.split(text):
            name = _BEHIND.sub("", _LEAD.sub("", part)).strip(" .,:;()[]\"'*")
            if is_person(_TITLE.sub("", name)):
                found.setdefault(name.casefold(), name.title() if name.isupper() and not as_written else name)
    return tuple(found.values())


def signature(value: str) -> str | None:
    """An author's name that is no person's: an organisation, a desk, a pen name, as it is written.

    ``None`` for what names nobody: an address, an account of the system, a sentence.
    """
    name = _LEAD.sub("", " ".join(value.split())).strip(" ,;:|–—-")
    if not 2 <= len(name) <= _LONGEST or len(name.split()) > 6 or name.isdigit():
        return None
    if not any(map(str.isalpha, name)) or "@" in name or "://" in name or _NOBODY.fullmatch(name):
        return None
    return None if name.endswith((".", "!", "?")) or name.count(".") > 2 else name


def is_signed(text: str) -> bool:
    """Whether a text opens as a byline does: "By", "von", "Autor:"."""
    return _LEAD.match(text) is not None
