# shellcheck shell=bash
# A virtual machine's disk and kernel, built from the machine's apt sources.

vm_key=$(key "$LAB/vm.sh" "$LAB/vm-image.sh")

vm_up() {
    install mmdebstrap qemu-system-x86
    kept vm "$vm_key" "$LAB/vm-image.sh"
}
