"""Replaces Neutron's agents: binds ports immediately, and sets routers and floating IPs to ACTIVE."""
from neutron_lib import constants, context
from neutron_lib.api.definitions import portbindings
from neutron_lib.callbacks import events, registry, resources
from neutron_lib.plugins import directory
from neutron_lib.plugins.ml2 import api

from neutron.services.l3_router.l3_router_plugin import L3RouterPlugin


class Ports(api.MechanismDriver):
    def initialize(self):
        pass

    @property
    def connectivity(self):
        return portbindings.CONNECTIVITY_L2

    def bind_port(self, context):
        context.set_binding(context.segments_to_bind[0][api.ID], portbindings.VIF_TYPE_OVS,
                            {portbindings.CAP_PORT_FILTER: True, portbindings.OVS_HYBRID_PLUG: False},
                            status=constants.PORT_STATUS_ACTIVE)


@registry.has_registry_receivers
class Routers(L3RouterPlugin):
    @registry.receives(resources.FLOATING_IP, [events.AFTER_CREATE, events.AFTER_UPDATE])
    def _update_floating_ip(self, resource, event, trigger, payload):
        # Uses the event's session: when a port is deleted, this runs within that transaction.
        port_id = payload.latest_state.get('port_id')
        self.update_floatingip_status(payload.context.elevated(), payload.resource_id,
                                      constants.FLOATINGIP_STATUS_ACTIVE if port_id else constants.FLOATINGIP_STATUS_DOWN)

    @registry.receives(resources.PORT, [events.AFTER_CREATE])
    def _activate_router_port(self, resource, event, trigger, payload):
        port = payload.latest_state
        if port.get('device_owner') in (constants.DEVICE_OWNER_ROUTER_INTF, constants.DEVICE_OWNER_ROUTER_GW):
            directory.get_plugin().update_port_status(
                context.get_admin_context(), port['id'], constants.PORT_STATUS_ACTIVE)


def serve():
    import eventlet
    import eventlet.wsgi
    import signal
    from oslo_config import cfg
    from neutron.cmd.eventlet import server
    import kubelab_service  # before the first connection
    application = server.main_api_eventlet()
    # Neutron ignores SIGTERM, and would share its port with a second instance.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    kubelab_service.settle()
    eventlet.wsgi.server(eventlet.listen((cfg.CONF.bind_host, cfg.CONF.bind_port), backlog=128, reuse_port=False),
                         application, keepalive=True, socket_timeout=900, max_size=256)
