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

    model = assets.model_path(settings.model, settings.data_dir)
    gazetteer = assets.gazetteer_path(settings.data_dir)
    if model is None or not gazetteer.is_file():
        what = f"language model {settings.model}" if model is None else "gazetteer"
        raise Misconfigured(f"{what}: not in {settings.data_dir}; run `copydesk models install`")
    return Tools(annotator=Annotator.load([model], gazetteer), model=model.name)
