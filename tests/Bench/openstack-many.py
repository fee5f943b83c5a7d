"""openstack-many.py CLOUD NETWORK COUNT...: seconds from OpenStack's own multi-create (one request for all) until every server is ACTIVE.

openstack server create --max --wait returns with the first of them. Removes what it made.
"""
import sys
import time

import openstack

cloud, network, *counts = sys.argv[1:]
compute = openstack.connect(cloud=cloud).compute
image = next(one['id'] for one in compute.get('/images').json()['images'] if one['name'] == 'Debian 12')
flavor = compute.find_flavor('m1.tiny').id
network = openstack.connect(cloud=cloud).network.find_network(network).id


def number(query):
    return len(compute.get('/servers?' + query).json()['servers'])


for count in map(int, counts):
    begin = time.monotonic()
    answer = compute.post('/servers', json={'server': {
        'name': 'many', 'imageRef': image, 'flavorRef': flavor, 'min_count': count, 'max_count': count, 'networks': [{'uuid': network}]}})
    answer.raise_for_status()
    while number('status=ACTIVE') < count:
        time.sleep(1)
    print('%.1f' % (time.monotonic() - begin), flush=True)
    for server in compute.get('/servers').json()['servers']:
        compute.delete('/servers/' + server['id'])
    while number('') > 0:
        time.sleep(1)
