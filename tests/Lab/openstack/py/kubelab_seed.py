"""kubelab_seed.py identity|cloud PASSWORDS: creates the resources that a cloud's operators provide to users.

PASSWORDS is a file with one "USER PASSWORD" per line. Existing resources are not changed.
"""
import sys
import time

from keystoneauth1 import session
from keystoneauth1.identity import v3

KEYSTONE = 'http://127.0.0.1:17500/v3'
SERVICES = {'image': ('glance', 'http://127.0.0.1:17929'), 'placement': ('placement', 'http://127.0.0.1:17878'),
            'network': ('neutron', 'http://127.0.0.1:17969'), 'compute': ('nova', 'http://127.0.0.1:17774/v2.1')}
FLAVORS = {'m1.tiny': (512, 1, 1), 'm1.small': (2048, 1, 20), 'm1.medium': (4096, 2, 40)}
ZONES = {'zone-a': ['compute-1', 'compute-2'], 'zone-b': ['compute-3', 'compute-4']}
IMAGE = 'Debian 12'

passwords = dict(line.split() for line in open(sys.argv[2]))


def log_in(name):
    return session.Session(v3.Password(KEYSTONE, username=name, password=passwords[name], project_name=name,
                                       user_domain_id='default', project_domain_id='default'))


admin = log_in('admin')


def get(kind, path, **more):
    return admin.get(path, endpoint_filter={'service_type': kind}, **more).json()


def create(kind, path, body, **more):
    return admin.post(path, endpoint_filter={'service_type': kind}, json=body, **more).json()


def identity():
    def create_in_keystone(path, one, **properties):
        return admin.post('%s/%s' % (KEYSTONE, path), json={one: properties}).json()[one]['id']

    roles = {role['name']: role['id'] for role in admin.get(KEYSTONE + '/roles').json()['roles']}
    if 'service' not in roles:
        roles['service'] = create_in_keystone('roles', 'role', name='service')
    for user, granted in (('service', ['admin', 'service']), ('lab', ['member'])):
        project_id = create_in_keystone('projects', 'project', name=user, domain_id='default')
        user_id = create_in_keystone('users', 'user', name=user, password=passwords[user], domain_id='default')
        for role in granted:
            admin.put('%s/projects/%s/users/%s/roles/%s' % (KEYSTONE, project_id, user_id, roles[role]))
    for kind, (name, url) in SERVICES.items():
        service_id = create_in_keystone('services', 'service', name=name, type=kind)
        for interface in ('public', 'internal', 'admin'):
            create_in_keystone('endpoints', 'endpoint', service_id=service_id, interface=interface, url=url, region_id='RegionOne')


def cloud():
    if not any(network['name'] == 'public' for network in get('network', '/v2.0/networks')['networks']):
        network = create('network', '/v2.0/networks', {'network': {
            'name': 'public', 'router:external': True, 'provider:network_type': 'flat', 'provider:physical_network': 'public'}})['network']
        # TEST-NET-3 (RFC 5737), so that floating IPs of the lab are never real addresses.
        create('network', '/v2.0/subnets', {'subnet': {'name': 'public', 'network_id': network['id'], 'ip_version': 4,
                                                     'cidr': '203.0.113.0/24', 'gateway_ip': '203.0.113.1', 'enable_dhcp': False}})
    flavors = {flavor['name'] for flavor in get('compute', '/flavors')['flavors']}
    for number, (name, (ram, cores, disk)) in enumerate(FLAVORS.items(), 1):
        if name not in flavors:
            create('compute', '/flavors', {'flavor': {'id': str(number), 'name': name, 'ram': ram, 'vcpus': cores, 'disk': disk}})
    if not get('image', '/v2/images?name=' + IMAGE)['images']:
        image = create('image', '/v2/images', {'name': IMAGE, 'disk_format': 'raw', 'container_format': 'bare', 'visibility': 'public',
                                             'os_distro': 'debian', 'os_version': '12'})['id']
        admin.put('/v2/images/%s/file' % image, endpoint_filter={'service_type': 'image'}, data=b'\0' * (1 << 20),
                  headers={'Content-Type': 'application/octet-stream'})
    # Neutron creates a project's default security group at the first request for it. Tests compare resources before and after.
    log_in('lab').get('/v2.0/security-groups', endpoint_filter={'service_type': 'network'})
    wait_for_hosts()
    zones = {aggregate['name'] for aggregate in get('compute', '/os-aggregates')['aggregates']}
    for name, hosts in ZONES.items():
        if name not in zones:
            aggregate = create('compute', '/os-aggregates', {'aggregate': {'name': name, 'availability_zone': name}})['aggregate']['id']
            for host in hosts:
                create('compute', '/os-aggregates/%s/action' % aggregate, {'add_host': {'host': host}})


def wait_for_hosts():
    """Waits until all compute hosts are up."""
    end = time.time() + 120
    wanted = sum(len(hosts) for hosts in ZONES.values())
    while True:
        found = get('compute', '/os-hypervisors', headers={'X-OpenStack-Nova-API-Version': '2.53'})['hypervisors']
        if sum(host['state'] == 'up' for host in found) == wanted:
            return
        if time.time() > end:
            sys.exit('compute hosts up: %d of %d' % (len(found), wanted))
        time.sleep(.5)


{'identity': identity, 'cloud': cloud}[sys.argv[1]]()
