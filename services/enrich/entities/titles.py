"""Titles before names: honorifics, ranks, offices."""

import re

_HONORIFICS = (
    "mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|lord|lady|baroness|baron|count|countess|duke|duchess|"
    "hon|honourable|honorable|rev|reverend|fr|father|sister|brother|rabbi|imam|sheikh|sheik|ayatollah|"
    "grand ayatollah|mullah|pope|cardinal|archbishop|bishop|pastor|deacon|monsignor|saint|king|queen|prince|"
    "princess|crown prince|emir|sultan|datuk|datuk seri|tan sri|dato|dato seri|herr|frau|monsieur|madame|"
    "señor|senor|señora|senora|maulana"
)
_RANKS = (
    "general|gen|major general|maj gen|major-general|general-major|lieutenant general|lt gen|"
    "lieutenant-general|general-lieutenant|colonel general|colonel-general|brigadier general|brig gen|"
    "brigadier|major|maj|colonel|col|lieutenant colonel|lt col|lieutenant-colonel|captain|capt|"
    "lieutenant|lt|sergeant|sgt|staff sergeant|sgt maj|corporal|cpl|private|pvt|pfc|admiral|adm|"
    "vice admiral|rear admiral|commander|cmdr|commodore|marshal|field marshal|inspector|"
    "chief inspector|detective|det|detective sergeant|det sgt|superintendent|supt|constable|"
    "sheriff|deputy|trooper|officer|agent|police chief|fire chief|chief"
)
_OFFICES = (
    "president|vice president|vice-president|former president|president-elect|prime minister|premier|"
    "deputy prime minister|chancellor|minister|foreign minister|defence minister|defense minister|"
    "finance minister|interior minister|chief minister|secretary|secretary of state|secretary general|"
    "secretary-general|defense secretary|foreign secretary|home secretary|press secretary|"
    "senator|sen|sens|representative|rep|reps|congressman|congresswoman|governor|gov|"
    "lt gov|mayor|councillor|councilman|councilwoman|councilmember|commissioner|ambassador|envoy|"
    "special envoy|attorney general|attorney|prosecutor|district attorney|judge|justice|chief justice|"
    "magistrate|speaker|leader|chairman|chairwoman|chair|chief executive|ceo|cfo|director|"
    "executive director|managing director|manager|coach|head coach|quarterback|striker|goalkeeper|midfielder|"
    "defender|captain|spokesman|spokeswoman|spokesperson|analyst|economist|editor|"
    "reporter|correspondent|author|actor|actress|singer|director general|dean|principal|provost|"
    "state senator|state rep|state representative|mp|mps|mep|meps|"
    "assemblyman|assemblywoman|delegate|lawmaker|"
    "first lady|comrade"
)


def _alternatives(*lists: str) -> str:
    words = sorted({word for each in lists for word in each.split("|")}, key=len, reverse=True)
    return "|".join(re.escape(word).replace(r"\ ", r"\.?\s+") for word in words)


#: Any title at the start of a span, with a name after it.
LEADING = re.compile(rf"(?i:{_alternatives(_HONORIFICS, _RANKS, _OFFICES)})\b\.?\s+(?=[^\W\d_a-z])")

#: A title behind a name that only stands before another one: "Charles City Sheriff".
TRAILING = re.compile(
    r"\s+(?:Sheriff|Mayor|Police|Governor|Senator|President|Minister|Commissioner|Director|Chairman|Coach|Judge)$"
)

#: A title without a name.
ONLY = re.compile(rf"(?:(?:{_alternatives(_HONORIFICS, _RANKS, _OFFICES)})\b\.?\s*)+", re.IGNORECASE)

#: "… Ministry General-Major Igor Konashenkov": what comes before, the title, and a two-word name.
#: Honorifics are left out: "Prince William County", "King Abdullah University".
INSIDE = re.compile(
    rf"(?P<before>.*\w)\s+(?P<title>(?:(?i:{_alternatives(_RANKS, _OFFICES)})\b\.?[\s-]+)+)"
    r"(?P<name>[^\W\d_a-z][\w'’-]+(?:\s[^\W\d_a-z]\.?)?\s(?:(?:al|bin|de|van|von)[\s-])?[^\W\d_a-z][\w'’-]+)$"
)

#: Nouns that make the words around a name a role: "US Secretary of State", "spokesman for the ministry".
ROLE = re.compile(
    rf"(?:{_alternatives(_RANKS, _OFFICES)}|head|member|founder|co-founder|owner|lawyer|adviser|advisor|"
    r"expert|officials?|activist|journalist|researcher|scientist|professor|doctor|teacher|student|farmer|"
    r"resident|aide|candidate|chief|historian|scholar|fellow|partner|strategist|"
    r"vice-chairman|treasurer|superintendent|coordinator|administrator|representative|negotiator|"
    r"king|queen|prince|princess|pope|archbishop|bishop|cardinal|pastor|rabbi|imam|cleric)",
    re.IGNORECASE,
)
ROLE_WORD = re.compile(rf"\b(?:{ROLE.pattern})\b", re.IGNORECASE)
#: The titles that say whether a person is a woman or a man, for "he said" and "she said".
FEMALE = re.compile(
    r"\b(?:mrs|ms|miss|lady|dame|queen|princess|\w+woman|woman|actress|sister|baroness|duchess|"
    r"first lady|mother|daughter|wife)\b",
    re.IGNORECASE,
)
MALE = re.compile(
    r"\b(?:mr|sir|lord|king|prince|actor|brother|father|duke|pope|imam|baron|man|son|husband)\b",
    re.IGNORECASE,
)
