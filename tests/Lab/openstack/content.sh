# shellcheck shell=bash
# shellcheck disable=SC2154 # daemons.sh defines python
# The configuration of the lab's OpenStack, and its databases, which are created once and copied at every start.

openstack_packages=(python3-{keystone,glance,placement,nova,neutron,openstackclient})
mapfile -t seed_parts < <(find "$LAB"/openstack -type f -not -name '*.md' | sort)
# shellcheck disable=SC2034 # openstack.sh uses it
seed_key=$(key "${seed_parts[@]}")

# The packages with the paste files would also install users and init scripts, so they are only extracted.
paste_files() { unpack "$1" nova-common neutron-common glance-common; }

configure() {
    local name packages password
    packages=$(kept packages "$(dpkg-query -W "${openstack_packages[@]}" | sha256sum | cut -c1-12)" paste_files)
    password=$(sed -n 's/^service //p' "$CACHE/var/passwords")
    mkdir -p "$CACHE/etc"
    cp "$packages/usr/share/glance-common/glance-api-paste.ini" "$CACHE/etc/"
    for name in keystone glance-api placement nova neutron; do
        cat "$LAB/openstack/etc/$name.conf" "$LAB/openstack/etc/service.conf" |
            sed -e "/@AUTH@/r $LAB/openstack/etc/auth.part" -e //d |
            sed "s#@STATE@/packages#$packages#; s#@STATE@#$CACHE#; s#@PASSWORD@#$password#" >"$CACHE/etc/$name.conf"
    done
}

# seed DIRECTORY: creates the databases and copies them to DIRECTORY. Afterwards the services are running.
seed() {
    local database jobs=() job
    say 'creating the databases'
    rm -rf "${CACHE:?}/var"
    folders
    for job in admin service lab; do echo "$job $(head -c 18 /dev/urandom | base64 | tr '+/' '-_')"; done >"$CACHE/var/passwords"
    configure
    for database in keystone glance placement nova_api nova nova_cell0 neutron; do
        "$python" -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("pragma journal_mode = wal")' "$CACHE/var/db/$database.sqlite"
    done
    for job in identity_schema image_schema compute_schema network_schema; do
        "$job" >"$CACHE/log/$job.log" 2>&1 &
        jobs+=("$! $job")
    done
    for job in "${jobs[@]}"; do
        wait "${job% *}" || { tail -n 20 "$CACHE/log/${job#* }.log"; die "${job#* } failed"; }
    done
    say 'starting the services'
    start_keystone
    await_listening keystone
    "$python" "$LAB/openstack/py/kubelab_seed.py" identity "$CACHE/var/passwords"
    start_others
    fill
    cp -a "$CACHE/var" "$1/var"
    rm -f "$1"/var/db/*
    "$python" "$LAB/openstack/py/kubelab_copy.py" "$CACHE/var/db" "$1/var/db"
}

folders() { mkdir -p "$CACHE"/{log,run} "$CACHE"/var/{db,lock,nova/instances,neutron,glance/images,glance/staging,keystone/fernet,keystone/credential}; }

fill() { "$python" "$LAB/openstack/py/kubelab_seed.py" cloud "$CACHE/var/passwords"; }

identity_schema() {
    local manage=(keystone-manage --config-file "$CACHE/etc/keystone.conf")
    "${manage[@]}" db_sync
    "${manage[@]}" fernet_setup --keystone-user "$(id -un)" --keystone-group "$(id -gn)"
    "${manage[@]}" credential_setup --keystone-user "$(id -un)" --keystone-group "$(id -gn)"
    # In the environment, because every user can read command lines.
    OS_BOOTSTRAP_PASSWORD=$(sed -n 's/^admin //p' "$CACHE/var/passwords") "${manage[@]}" bootstrap --bootstrap-region-id RegionOne \
        --bootstrap-public-url http://127.0.0.1:17500/v3 --bootstrap-internal-url http://127.0.0.1:17500/v3 --bootstrap-admin-url http://127.0.0.1:17500/v3
}

image_schema() {
    "$python" -c 'from glance.cmd.manage import main; main()' --config-file "$CACHE/etc/glance-api.conf" db_sync
    placement-manage --config-file "$CACHE/etc/placement.conf" db sync
}

compute_schema() { "$python" "$LAB/openstack/py/kubelab_schema.py" nova --config-file "$CACHE/etc/nova.conf"; }

network_schema() { "$python" "$LAB/openstack/py/kubelab_schema.py" neutron "sqlite:///$CACHE/var/db/neutron.sqlite"; }

# clouds: writes clouds.yaml with the clouds lab and lab-admin, and secure.yaml with their passwords. clouds.yaml is written last: if it exists, everything is ready.
clouds() {
    local cloud user
    echo 'clouds:' | tee "$CACHE/secure.yaml" >"$CACHE/clouds.yaml.new"
    for cloud in lab lab-admin; do
        user=${cloud#lab-}
        cat >>"$CACHE/clouds.yaml.new" <<END
  $cloud:
    auth:
      auth_url: http://127.0.0.1:17500/v3
      username: $user
      project_name: $user
      user_domain_name: Default
      project_domain_name: Default
    region_name: RegionOne
END
        printf '  %s:\n    auth:\n      password: "%s"\n' "$cloud" "$(sed -n "s/^$user //p" "$CACHE/var/passwords")" >>"$CACHE/secure.yaml"
    done
    mv "$CACHE/clouds.yaml.new" "$CACHE/clouds.yaml"
}
