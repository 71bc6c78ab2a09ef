"""The whole step: from a text to entities, places and quotes."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from services.enrich.entities.annotations import Annotations, Tagged
from services.enrich.entities.gazetteer import Gazetteer
from services.enrich.entities.lexicon import lexicon
from services.enrich.entities.link import Linker
from services.enrich.entities.name import FROM_ENTITY, Label, Name, without_overlaps
from services.enrich.entities.places import Resolver
from services.enrich.entities.recognise import load_pipelines, recognise
from services.enrich.entities.scan import scan
from services.enrich.entities.tidy import tidy
from services.models import Article, Dateline, Point, Recognition

if TYPE_CHECKING:
    from spacy.language import Language

_DEFAULT_LANGUAGE = "en"


class Annotator:
    """Finds entities. Costly to make: once per process, before it forks.

    Args:
        pipelines: spaCy pipelines by language code.
        gazetteer: where places are looked up.

    """

    def __init__(self, pipelines: Mapping[str, "Language"], gazetteer: Gazetteer) -> None:
        self._pipelines = dict(pipelines)
        self._gazetteer = gazetteer
        self._resolver = Resolver(gazetteer)
        self._lexicon = lexicon()
        self._linker = Linker(gazetteer, self._lexicon)

    @classmethod
    def load(cls, models: Sequence[str | Path], gazetteer: Path) -> "Annotator":
        """From pipelines' folders (or names) and the gazetteer's file."""
        return cls(load_pipelines(models), Gazetteer(gazetteer))

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that have a pipeline. In others only places and tagged names are found."""
        return tuple(sorted(self._pipelines))

    def recognition(self, language: str | None) -> Recognition:
        """How names are found in texts of this language."""
        return Recognition.GAZETTEER if self._pipeline(language) is None else Recognition.MODEL

    def _pipeline(self, language: str | None) -> "Language | None":
        return self._pipelines.get((language or _DEFAULT_LANGUAGE).split("-")[0].lower())

    def annotate(
        self,
        text: str,
        *,
        headline: str | None = None,
        standfirst: str | None = None,
        dateline: Dateline | None = None,
        language: str | None = None,
        tagged: Sequence[Tagged] = (),
    ) -> Annotations:
        """Entities, places and quotes of ``text``; all offsets are into this very string."""
        if not text.strip():
            return Annotations()
        nlp = self._pipeline(language)
        marked = list(_tagged_names(text, tagged))
        if nlp is None:
            # The rules of `tidy` know English and what recognisers get wrong: neither applies here.
            found = without_overlaps([*marked, *scan(text, self._gazetteer)])
        else:
            found = tidy(text, [*marked, *recognise(nlp, text)], self._gazetteer, self._lexicon)
        return self._linker.link(text, found, headline=headline, standfirst=standfirst, dateline=dateline)

    def link(self, text: str, names: Sequence[Name]) -> Annotations:
        """The same from names that are already known, as in gold."""
        return self._linker.link(text, names)

    def locate(self, dateline: Dateline) -> Dateline:
        """``dateline`` with its place and point, where the gazetteer knows it."""
        text = dateline.place or dateline.text
        words = re.match(r"[^\d(/–—]+", text)
        parts = [part.strip() for part in (words.group() if words else text).split(",") if part.strip()]
        names = [Name(text.find(part), text.find(part) + len(part), part, Label.GPE) for part in parts[:2]]
        resolved = self._resolver.resolve(text, names)
        if not names or not (best := resolved[0]) or best.place.lat is None or best.place.lon is None:
            return dateline
        place = dateline.place or (names[0].text.title() if names[0].text.isupper() else names[0].text)
        point = dateline.location or Point(lat=best.place.lat, lon=best.place.lon)
        return dateline.model_copy(update={"place": place, "location": point})


def enrich(article: Article, annotator: Annotator) -> Article:
    """``article`` with its entities, places and quotes, and its dateline on the map.

    Entities that the parser already took from the file's own tags are trusted.
    """
    dateline = annotator.locate(article.dateline) if article.dateline else None
    found = annotator.annotate(
        article.body,
        headline=article.headline,
        standfirst=article.standfirst,
        dateline=dateline,
        language=article.language,
        tagged=[Tagged(entity.name, entity.type) for entity in article.entities],
    )
    return article.model_copy(
        update={
            "dateline": dateline,
            "entities": found.entities,
            "places": found.places,
            "quotes": found.quotes,
            "recognition": annotator.recognition(article.language),
        }
    )


def _tagged_names(text: str, tagged: Sequence[Tagged]) -> list[Name]:
    names = []
    for tag in tagged:
        form = tag.name.strip()
        at = text.find(form) if len(form) > 1 else -1
        while at >= 0:
            end = at + len(form)
            if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
                names.append(Name(at, end, form, FROM_ENTITY[tag.type], trusted=True))
            at = text.find(form, end)
    return names
