"""kubelab_schema.py nova|neutron ARGUMENT...: creates the tables. Their own programs do not support SQLite or need several processes."""
import sys


def nova():
    import nova.monkey_patch  # noqa: F401, must be first
    import nova.conf
    from nova import config, objects
    from nova.cmd import manage
    config.parse_args(sys.argv)
    objects.register_all()
    manage.ApiDbCommands().sync()
    cells = manage.CellV2Commands()
    connection = nova.conf.CONF.database.connection
    cells.map_cell0(connection.replace('/nova.sqlite', '/nova_cell0.sqlite'))
    manage.DbCommands().sync()
    sys.exit(cells.create_cell('cell1', connection, nova.conf.CONF.transport_url))


def neutron():
    # The migrations do not run on SQLite. As in Neutron's unit tests, the tables are created from the models.
    from neutron.db.migration.models import head
    from sqlalchemy import create_engine
    head.get_metadata().create_all(create_engine(sys.argv[1]))


{'nova': nova, 'neutron': neutron}[sys.argv.pop(1)]()
