"""Settings of every service of the lab: connections to SQLite stay open, and garbage collection is infrequent."""
import gc

from sqlalchemy import event, pool
from sqlalchemy.dialects.sqlite import pysqlite

# As in SQLAlchemy 2, and as services do with a database server.
pysqlite.SQLiteDialect_pysqlite.get_pool_class = classmethod(lambda cls, url: pool.QueuePool)


@event.listens_for(pool.Pool, 'checkin')
def forget(connection, record):
    # oslo.db records here that a transaction has begun. The pool ends the transaction without removing the record.
    record.info.pop('in_transaction', None)


def settle():
    """A service keeps about 100,000 objects. Each request creates 10,000 more, which are freed by reference counting."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20000, 20, 50)
