New-KlVm -Name kubernetes -Count 4 |          # Docker containers by default; or OpenStack servers, or hosts that you own
    Install-KlKubeadm |                       # installs container runtime, kubeadm and kubelet on all machines in parallel
    Initialize-KlCluster |                    # runs kubeadm init on the first machine, installs the pod network, updates the kubeconfig
    Join-KlNode |                             # joins the other machines; returns one KlCluster when every node is Ready
    New-KlRegistry |                          # creates a private registry that every node trusts
    Publish-KlImage -Path examples/mediawiki/database, examples/mediawiki/web |
    New-KlDeployment |                        # uses the image's declarations (ports, volumes, labels)
    Expose-KlService                          # creates a NodePort service; the resulting KlService contains the URLs
