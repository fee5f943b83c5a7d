"""cloud_oracle.py CASES: what openstacksdk makes of each cloud in CloudCases.yaml, one line a case."""
import os
import sys
import tempfile
import warnings

import keystoneauth1.loading  # noqa: F401, before the fork: it takes long
import keystoneauth1.session  # noqa: F401
import requests  # noqa: F401
import yaml

warnings.simplefilter('ignore')


def identity(id, name, domain_id, domain_name):
    return id or (f'{name}@{domain_id or domain_name or "-"}' if name else '-')


def look(case, home):
    os.environ.clear()
    os.environ.update({'HOME': home, 'PATH': '/usr/bin:/bin'})
    for path, text in case['files'].items():
        path = os.path.join(home, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as file:
            file.write(text)
    here = os.path.join(home, 'here')
    os.makedirs(here, exist_ok=True)
    os.chdir(here)
    os.environ.update({name: value.replace('~', home) for name, value in case.get('env', {}).items()})

    from openstack.config import OpenStackConfig  # reads the environment and the current folder
    # Like the openstack command.
    cloud = OpenStackConfig().get_one(case.get('cloud'), region_name=os.environ.get('OS_REGION_NAME'))
    auth = cloud.get_auth()
    v3 = auth.create_plugin(None, (3, 0), auth.auth_url) if hasattr(auth, 'create_plugin') else auth
    method = v3.auth_methods[0]
    if hasattr(method, 'application_credential_id'):
        user, secret = method.application_credential_id, method.application_credential_secret
    else:
        user, secret = identity(method.user_id, method.username, method.user_domain_id, method.user_domain_name), method.password
    project = identity(v3.project_id, v3.project_name, v3.project_domain_id, v3.project_domain_name)
    verify, cert = cloud.get_requests_verify_args()
    services = ' '.join(f'{cloud.get_region_name(one)}/{cloud.get_interface(one).removesuffix("URL")}/{cloud.get_endpoint(one) or "-"}'
                        for one in ('compute', 'network', 'block-storage'))
    cert = '+'.join(cert) if isinstance(cert, tuple) else cert
    return f'{cloud.name} {auth.auth_url} {user} {secret} {project} {services} {verify} {cert}'.replace(home, '~')


with open(sys.argv[1]) as file:
    cases = yaml.safe_load(file)
for case in cases:
    reader, writer = os.pipe()
    with tempfile.TemporaryDirectory() as home:
        if os.fork() == 0:
            try:
                told = look(case, home)
            except Exception:
                told = 'error'
            os.write(writer, told.encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, 'rb') as answer:
            print(f'{case["name"]}: {answer.read().decode()}')
        os.wait()
