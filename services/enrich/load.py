"""Load what costs time and memory, once per process and before it forks."""

from services.enrich.pipeline import Tools
from services.settings import Settings


def load_tools(settings: Settings, *, entities: bool = True) -> Tools:
    """Models and gazetteer of the settings.

    Raises:
        Misconfigured: they are not installed; the message names the command that does it.
    """
    if not entities:
        return Tools()
    from services.enrich.entities.annotate import load_annotator

    return Tools(annotator=load_annotator(settings.model, settings.data_dir))
