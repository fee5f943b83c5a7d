"""kubelab_serve.py PORT MODULE:FACTORY: a WSGI application in one process with one thread, as SQLite wants it."""
import importlib
import sys

import waitress

port, target = sys.argv[1:]
sys.argv = sys.argv[:1]
module, factory = target.split(':')
waitress.serve(getattr(importlib.import_module(module), factory)(), host='127.0.0.1', port=int(port), threads=1,
               ident=None, channel_timeout=300, connection_limit=500)
