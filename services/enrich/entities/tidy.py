"""Rules over a whole document: what one mention shows is true of the others.

A recogniser looks at each paragraph alone. A document says more: "Konashenkov" is a person because
"Igor Konashenkov" was one, and "Raqqa" is a place although one sentence reads like a team's name.
"""

from collections.abc import Sequence

from services.enrich.entities.acronyms import acronyms
from services.enrich.entities.edges import names_in
from services.enrich.entities.gazetteer import Gazetteer
from services.enrich.entities.lexicon import Lexicon
from services.enrich.entities.name import Name, without_overlaps
from services.enrich.entities.overlooked import dateline, divisions, people, regions, scores, unseen
from services.enrich.entities.prior import relabel
from services.enrich.entities.repeats import repeats
from services.enrich.entities.things import without_things


def tidy(text: str, names: Sequence[Name], gazetteer: Gazetteer, lexicon: Lexicon) -> list[Name]:
    """The names of a document after all rules, sorted and free of overlaps."""
    found = [part for name in names for part in names_in(text, name, gazetteer, lexicon)]
    found = without_overlaps(
        [*found, *dateline(text, gazetteer), *scores(text), *regions(text, found, lexicon)]
    )
    relabel(text, found, gazetteer, lexicon)
    found = without_overlaps([*found, *acronyms(text, found, lexicon), *divisions(text, found, gazetteer)])
    found += unseen(text, found, gazetteer, lexicon)
    found += people(text, found, gazetteer)
    return without_things(text, without_overlaps([*found, *repeats(text, found)]))
