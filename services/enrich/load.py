"""Load what costs time and memory, once per process and before it forks."""

from datetime import UTC, datetime

from services.enrich.formats import names
from services.enrich.limits import Limits
from services.enrich.pipeline import Tools, process
from services.errors import Misconfigured
from services.models import RawFile
from services.settings import Settings


def load_tools(settings: Settings, *, entities: bool = True) -> Tools:
    """Models and gazetteer of the settings, where entities are wanted; formats learn their senders' names.

    Raises:
        Misconfigured: they are not installed, and the message names the command that does it; or the file of
            names is wrong.
    """
    if settings.field_names is not None:
        names.learn(settings.field_names)
    if not (entities and settings.entities):
        return Tools()
    from services.enrich import assets
    from services.enrich.entities.annotate import Annotator

    models = {name: assets.model_path(name, settings.data_dir) for name in settings.models}
    gazetteer = assets.gazetteer_path(settings.data_dir)
    missing = [f"language model {name}" for name, path in models.items() if path is None]
    if not gazetteer.is_file():
        missing.append("gazetteer")
    if missing:
        raise Misconfigured(
            f"{', '.join(missing)}: not in {settings.data_dir}; run `copydesk models install`"
        )
    found = [path for path in models.values() if path is not None]
    return Tools(Annotator.load(found, gazetteer), model="+".join(path.name for path in found))


def warm(tools: Tools) -> None:
    """Work on an article of every day once, so that children inherit what libraries load at first use.

    A child that works on a suspect has no other: without this each would load it all anew.
    """
    text = "<p>The harbour bridge in Newhaven will close until October, Mayor Anna Brightwater said.</p>"
    data = f"<html><title>Harbour bridge closes</title><body><article>{text * 3}</article></body></html>"
    process(RawFile(key="warm.html", data=data.encode(), modified=datetime.now(UTC)), tools, Limits(60))
