"""All of Nova in one process, so that it needs no message broker: the API, conductor, scheduler, and four compute hosts."""
import shlex
import sys

import nova.monkey_patch  # noqa: F401, must be first
import kubelab_service  # before the first connection
import os_vif
from oslo_log import log
from oslo_privsep import priv_context
from oslo_service import service as launchers

import nova.conf
from nova import config, objects, service, utils
from nova.compute import rpcapi as compute
from nova.conductor import rpcapi as conductor
from nova.scheduler import rpcapi as scheduler

HOSTS = ['compute-1', 'compute-2', 'compute-3', 'compute-4']

if __name__ == '__main__':
    config.parse_args(sys.argv)
    log.setup(nova.conf.CONF, 'nova')
    priv_context.init(root_helper=shlex.split(utils.get_root_helper()))
    objects.register_all()
    os_vif.initialize()
    objects.Service.enable_min_version_cache()
    launcher = launchers.ServiceLauncher(nova.conf.CONF)
    launcher.launch_service(service.Service.create(binary='nova-conductor', topic=conductor.RPC_TOPIC))
    launcher.launch_service(service.Service.create(binary='nova-scheduler', topic=scheduler.RPC_TOPIC))
    for host in HOSTS:
        launcher.launch_service(service.Service.create(binary='nova-compute', topic=compute.RPC_TOPIC, host=host))
    launcher.launch_service(service.WSGIService('osapi_compute'))
    kubelab_service.settle()
    launcher.wait()
