New-KlVm -Name kubernetes -Count 4 |          # Docker nodes by default; OpenStack, or hosts you own
    Install-KlKubeadm |                       # container runtime + kubeadm + kubelet, all machines at once
    Initialize-KlCluster |                    # kubeadm init on the first, overlay network, kubeconfig
    Join-KlNode |                             # the others join; one KlCluster comes out, every node Ready
    New-KlRegistry |                          # a private registry that every node trusts
    Publish-KlImage -Path examples/mediawiki/database, examples/mediawiki/web |
    New-KlDeployment |                        # what the image declares (ports, volumes, labels) becomes the workload
    Expose-KlService                          # NodePort; the KlService that comes out carries the URLs
