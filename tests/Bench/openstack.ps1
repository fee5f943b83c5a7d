# Compares New-KlVm with OpenStack's own client on the lab's OpenStack, which it starts. See openstack.sh.
& "$PSScriptRoot/openstack.sh"
