"""kubelab_copy.py FROM TO: copies databases, which may be in use."""
import pathlib
import sqlite3
import sys

for path in pathlib.Path(sys.argv[1]).glob('*.sqlite'):
    source, copy = sqlite3.connect(path), sqlite3.connect(pathlib.Path(sys.argv[2]) / path.name)
    copy.execute('pragma journal_mode = wal')
    source.backup(copy)
    copy.close()
