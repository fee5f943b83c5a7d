"""What every service of the lab does before it begins: it keeps its connections to SQLite open, and seldom looks for garbage."""
import gc

from sqlalchemy import event, pool
from sqlalchemy.dialects.sqlite import pysqlite

# As SQLAlchemy 2 does, and as services keep theirs to a database server.
pysqlite.SQLiteDialect_pysqlite.get_pool_class = classmethod(lambda cls, url: pool.QueuePool)


@event.listens_for(pool.Pool, 'checkin')
def forget(connection, record):
    # oslo.db notes here that it has begun a transaction; the pool ends one without a word.
    record.info.pop('in_transaction', None)


def settle():
    """A service keeps some hundred thousand objects for as long as it lives, and each request makes ten thousand more that go by themselves."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20000, 20, 50)
