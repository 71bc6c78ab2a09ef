"""The one Celery task: a message of keys, handed to this process's worker."""

from collections.abc import Callable

from celery import Celery, Task

from services.app import PROCESS
from services.enrich.worker import Worker


def register(app: Celery, worker: Callable[[], Worker]) -> None:
    """Declare the task on ``app``; ``worker`` gives this process's worker, building it at first use."""

    @app.task(name=PROCESS, bind=True)
    def process(
        task: "Task[..., None]", names: list[str], alone: bool = False, generation: str | None = None
    ) -> None:
        redelivered = bool((task.request.delivery_info or {}).get("redelivered"))
        worker().work(
            str(task.request.id), names, alone=alone, generation=generation, redelivered=redelivered
        )
