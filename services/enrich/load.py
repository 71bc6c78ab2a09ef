"""Load what costs time and memory, once per process and before it forks."""

from services.enrich.pipeline import Tools
from services.errors import Misconfigured
from services.settings import Settings


def load_tools(settings: Settings, *, entities: bool = True) -> Tools:
    """Models and gazetteer of the settings.

    Raises:
        Misconfigured: they are not installed; the message names the command that does it.
    """
    if not entities:
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
