# New-KlVm against OpenStack's own client, on the lab's OpenStack, which it brings up. See openstack.sh.
& "$PSScriptRoot/openstack.sh"
