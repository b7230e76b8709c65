"""A Django project around `core_main_app`: the REST interface of a CDCS repository.

It runs in an environment of its own, never in the one that runs the tests.
"""

from celery import Celery  # type: ignore[import-not-found]

# Without an application of its own, a task would look for a broker on the network.
app = Celery("cdcs_site")
app.conf.update(task_always_eager=True)
app.set_default()
