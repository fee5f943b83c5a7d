"""kubelab_serve.py PORT MODULE:FACTORY: serves a WSGI application in one process, one request at a time because of SQLite."""
import importlib
import sys

import eventlet
eventlet.monkey_patch()

import eventlet.semaphore  # noqa: E402
import eventlet.wsgi  # noqa: E402
import kubelab_service  # noqa: E402, before the first connection

port, target = sys.argv[1:]
sys.argv = sys.argv[:1]
module, factory = target.split(':')
application = getattr(importlib.import_module(module), factory)()
lock = eventlet.semaphore.Semaphore()


def one_at_a_time(environ, start_response):
    with lock:
        return application(environ, start_response)


kubelab_service.settle()
eventlet.wsgi.server(eventlet.listen(('127.0.0.1', int(port)), backlog=512), one_at_a_time, socket_timeout=300, max_size=512, log_output=False)
