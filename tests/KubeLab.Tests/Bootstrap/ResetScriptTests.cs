namespace KubeLab.Tests.Bootstrap;

/// <summary>reset.sh in bash with fake commands.</summary>
public sealed class ResetScriptTests : IDisposable
{
    // Every command that would change this computer.
    private const string Fakes = """
        systemctl() { echo "systemctl $*"; }
        kubeadm() { echo "kubeadm $*"; }
        kubectl() { echo "kubectl $*"; }
        ctr() { :; }
        crictl() { :; }
        ip() { :; }
        iptables-nft-save() { :; }; ip6tables-nft-save() { :; }; iptables-legacy-save() { :; }; ip6tables-legacy-save() { :; }
        iptables-nft-restore() { cat; }; ip6tables-nft-restore() { cat; }; iptables-legacy-restore() { cat; }; ip6tables-legacy-restore() { cat; }
        nft() { :; }
        ipset() { :; }
        ipvsadm() { echo "ipvsadm $*"; }
        umount() { echo "umount $*"; }
        dpkg-query() { return 1; }
        getent() { :; }
        timeout() { shift; "$@"; }

        """;

    private const string Worker = "cluster=k\nrole=worker\nstate=done\nserver=10.77.1.1\n";

    private readonly NodeBash _node = new();

    public ResetScriptTests()
    {
        _node.Put("/etc/kubelab/node", Worker);
        _node.Put("/etc/kubernetes/kubelet.conf", "    certificate-authority-data: Q0E=\n    server: https://10.77.1.1:6443\n");
        _node.Put("/proc/mounts", "");
    }

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task A_clean_machine_has_the_files_of_the_installation_only()
    {
        string[] stay =
        [
            "/etc/kubelab/mirror.yaml", "/etc/containerd/config.toml", "/etc/containerd/certs.d/mirror:5000/hosts.toml", "/var/lib/containerd/images",
            "/etc/cni/net.d/nerdctl-bridge.conflist", "/var/lib/cni/networks/bridge/10.4.0.2", "/var/lib/docker-registry/image", "/var/lib/etcd/default",
        ];
        string[] removed =
        [
            "/etc/kubelab/node", "/etc/kubelab/network", "/etc/kubelab/routes", "/etc/kubernetes/kubelet.conf", "/etc/kubernetes/pki/ca.crt",
            "/etc/kubernetes/tmp/backup", "/etc/kubernetes/manifests/a.yaml", "/var/lib/kubelet/config.yaml", "/var/log/pods/a/0.log",
            "/run/flannel/subnet.env",
            "/etc/cni/net.d/10-kubelab.conflist", "/etc/cni/net.d/calico-kubeconfig", "/etc/systemd/system/kubelab-routes.service",
            "/usr/local/lib/kubelab/routes", "/etc/systemd/system/kubelab-registry.service", "/etc/kubelab/registry/tls.key",
        ];
        foreach (var path in stay.Concat(removed[1..]))
            _node.Put(path, "");
        _node.Put("/etc/containerd/certs.d/10.77.1.1:5000/hosts.toml", $"""
            server = "https://10.77.1.1:5000"

            [host."https://10.77.1.1:5000"]
              capabilities = ["pull", "resolve"]
              ca = "{_node.At("/etc/containerd/certs.d/10.77.1.1:5000/ca.crt")}"
            """);
        _node.Put("/etc/containerd/certs.d/10.77.1.1:5000/ca.crt", "CA");

        var (exit, output) = await RunAsync("main </dev/null");

        Assert.True(exit == 0, output);
        Assert.All(stay, path => Assert.True(_node.Has(path), path));
        Assert.All(removed, path => Assert.False(_node.Has(path), path));
        Assert.False(_node.Has("/etc/containerd/certs.d/10.77.1.1:5000"));
        Assert.Contains("systemctl disable -q --now kubelab-routes\n", output, StringComparison.Ordinal);
        Assert.Contains("systemctl disable -q --now kubelab-registry\n", output, StringComparison.Ordinal);
        Assert.Contains("::changed removed the node from k\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_reset_is_recorded_and_continued()
    {
        _node.Put("/etc/kubelab/network", "POD_SUBNET=10.244.0.0/16\n");

        var (exit, output) = await RunAsync("ctr() { [[ $* != *' ls '* ]] || echo stuck; }; main </dev/null");

        Assert.Equal(3, exit);
        Assert.EndsWith("::error ResetFailed these containers could not be removed: stuck\n", output, StringComparison.Ordinal);
        Assert.Contains("cluster=k\nrole=worker\nstate=removing\nserver=10.77.1.1\n", _node.Read("/etc/kubelab/node"), StringComparison.Ordinal);
        Assert.Contains("podSubnet=10.244.0.0/16\n", _node.Read("/etc/kubelab/node"), StringComparison.Ordinal);

        Assert.Equal(0, (await RunAsync("main </dev/null")).Exit);
        Assert.False(_node.Has("/etc/kubelab/node"));
        Assert.Equal((0, ""), await RunAsync("main </dev/null"));
    }

    [Theory]
    [InlineData("other", "", "::error MachineInUse it is a node of other\n")]
    [InlineData(null, "", "::error MachineInUse it has a Kubernetes installation that KubeLab did not create (/etc/kubernetes is not empty)\n")]
    [InlineData(null, "1", "")]
    public async Task A_node_of_another_cluster_is_not_changed(string? cluster, string foreign, string error)
    {
        File.Delete(_node.At("/etc/kubelab/node"));
        if (cluster is not null)
            _node.Put("/etc/kubelab/node", $"cluster={cluster}\n");
        var (exit, output) = await RunAsync("main </dev/null", ("FOREIGN", foreign));
        Assert.Equal(error.Length > 0 ? 3 : 0, exit);
        Assert.Equal(error.Length > 0, _node.Has("/etc/kubernetes/kubelet.conf"));
        Assert.EndsWith(error, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubelet_mounts_are_unmounted_and_volume_data_is_kept_elsewhere()
    {
        string[] mounts = ["kubelet/pods/1", "kubelet/pods/1/a", "other"];
        _node.Put("/proc/mounts", string.Concat(mounts.Select(one => $"t /var/lib/{one} tmpfs rw 0 0\n")));
        _node.Put("/var/lib/kubelab/volumes/default/db/table", "rows");

        var (exit, output) = await RunAsync("main </dev/null", ("CLUSTER", "k"));

        Assert.True(exit == 0, output);
        Assert.Equal(["umount /var/lib/kubelet/pods/1/a", "umount /var/lib/kubelet/pods/1"],
            output.Split('\n').Where(line => line.StartsWith("umount", StringComparison.Ordinal)));
        Assert.False(_node.Has("/var/lib/kubelab/volumes"));
        var kept = Assert.Single(Directory.GetDirectories(_node.At("/var/lib/kubelab")));
        Assert.StartsWith("volumes-k-2", Path.GetFileName(kept), StringComparison.Ordinal);
        Assert.Equal("rows", await File.ReadAllTextAsync(Path.Combine(kept, "default/db/table")));
        Assert.Contains($"::warning the data of its volumes was kept in /var/lib/kubelab/{Path.GetFileName(kept)}\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kubeconfig_is_removed_if_it_contains_this_cluster_only()
    {
        const string One = "clusters:\n- cluster:\n    certificate-authority-data: Q0E=\n    server: https://10.77.1.1:6443\n";
        _node.Put("/var/lib/one/.kube/config", One);
        _node.Put("/var/lib/two/.kube/config", One + "- cluster:\n    certificate-authority-data: T1RIRVI=\n    server: https://other\n");
        _node.Put("/var/lib/three/.kube/config", One.Replace("Q0E=", "T1RIRVI=", StringComparison.Ordinal));

        var (exit, output) = await RunAsync(
            $"getent() {{ printf 'u:x:0:0::%s:/bin/bash\\n' {_node.At("/var/lib")}/{{one,two,three,none}}; }}; remove_kubeconfigs");

        Assert.Equal((0, "::changed removed /var/lib/one/.kube/config\n"
            + "::warning /var/lib/two/.kube/config contains other clusters too, so the entry of k was not removed\n"), (exit, output));
        Assert.False(_node.Has("/var/lib/one/.kube/config"));
        Assert.True(_node.Has("/var/lib/two/.kube/config"));
        Assert.True(_node.Has("/var/lib/three/.kube/config"));
    }

    [Theory]
    [InlineData("true", "echo '[reset] Deleted contents of the etcd data directory'", null)]
    [InlineData("true", "echo 'Failed to remove etcd member: etcdserver: member not found'", null)]
    [InlineData("false", "echo unexpected", "its etcd member was not removed, because the API server is not ready: ")]
    [InlineData("true", "echo 'Failed to remove etcd member: context deadline exceeded, please'",
        "its etcd member was not removed: Failed to remove etcd member: context deadline exceeded, please")]
    [InlineData("true", "echo 'W1 No kubeadm config, using etcd pod spec'", "its etcd member was not removed: W1 No kubeadm config, using etcd pod spec")]
    [InlineData("true", "echo 'unknown command' && false", "its etcd member was not removed: unknown command")]
    public async Task A_control_plane_leaves_etcd_before_anything_is_removed(string ready, string kubeadm, string? error)
    {
        _node.Put("/etc/kubernetes/manifests/etcd.yaml", "");
        var (exit, output) = await RunAsync($$"""
            kubectl() { {{ready}}; }
            kubeadm() { [[ $* == *remove-etcd-member* && $* == *phase* ]] || return 0; {{kubeadm}}; }
            main </dev/null
            """, ("LEAVE_ETCD", "1"));
        Assert.Equal(error is null ? 0 : 3, exit);
        Assert.EndsWith(error is null ? "::changed removed the node from k\n" : $"::error EtcdNotLeft {error}\n", output, StringComparison.Ordinal);
        Assert.Equal(error is not null, _node.Has("/etc/kubernetes/kubelet.conf"));
    }

    [Fact]
    public async Task A_control_plane_leaves_etcd_once()
    {
        _node.Put("/etc/kubernetes/manifests/etcd.yaml", "");
        var (_, output) = await RunAsync("begin; leave_etcd; begin; leave_etcd", ("LEAVE_ETCD", "1"));
        Assert.Equal(2, output.Split("kubeadm reset phase").Length);
        Assert.Contains("role=control-plane\n", _node.Read("/etc/kubelab/node"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_rules_of_the_cluster_are_removed()
    {
        const string Rules = """
            *nat
            :PREROUTING ACCEPT [0:0]
            :POSTROUTING ACCEPT [0:0]
            :CNI-HOSTPORT-DNAT - [0:0]
            :DOCKER - [0:0]
            :KUBE-SERVICES - [0:0]
            -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
            -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
            -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
            -A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE
            -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
            -A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m comment --comment "default/kubernetes:https" -j KUBE-SVC-X
            COMMIT
            *filter
            :INPUT ACCEPT [0:0]
            :FORWARD DROP [0:0]
            :KUBELAB-1-INPUT - [0:0]
            :cali-FORWARD - [0:0]
            -A INPUT -p tcp -m comment --comment "not KUBE-SERVICES" -j ACCEPT
            -A INPUT -j KUBELAB-1-INPUT
            -A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD
            -A FORWARD -m comment --comment "cali:S93hcgKJrXEqnTfs" -m mark --mark 0x10000/0x10000 -j ACCEPT
            -A FORWARD -d 10.244.0.0/16 -j ACCEPT
            COMMIT
            *raw
            :PREROUTING ACCEPT [0:0]
            COMMIT
            """;
        const string Filter = """
            *filter
            -D FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD
            -D FORWARD -m comment --comment "cali:S93hcgKJrXEqnTfs" -m mark --mark 0x10000/0x10000 -j ACCEPT
            -D FORWARD -d 10.244.0.0/16 -j ACCEPT
            -F cali-FORWARD
            -X cali-FORWARD
            COMMIT

            """;
        const string Command = "PODS=10.244.0.0/16; printf '%s\\n' \"$RULES\" | cluster_rules";
        const string Services = "-D PREROUTING -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n";
        const string HostPorts = "-D PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT\n";
        const string Masquerade = "-D POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE\n";
        Assert.Equal(
            $"*nat\n{Services}{HostPorts}{Masquerade}-F CNI-HOSTPORT-DNAT\n-F KUBE-SERVICES\n-X CNI-HOSTPORT-DNAT\n-X KUBE-SERVICES\nCOMMIT\n{Filter}",
            (await RunAsync(Command, ("RULES", Rules))).Output);
        // Chains named CNI- can belong to the other network.
        _node.Put("/etc/cni/net.d/nerdctl-bridge.conflist", "");
        Assert.Equal($"*nat\n{Services}{Masquerade}-F KUBE-SERVICES\n-X KUBE-SERVICES\nCOMMIT\n{Filter}", (await RunAsync(Command, ("RULES", Rules))).Output);
    }

    [Theory]
    [InlineData(2, "::changed removed the rules of the pod network with iptables-nft\n")]
    [InlineData(9, "::error ResetFailed the rules of the pod network could not be removed with iptables-nft: line 2 failed\n")]
    public async Task Rules_that_change_meanwhile_are_read_again(int failures, string expected)
    {
        var count = _node.At("/var/lib/count");
        _node.Put("/var/lib/count", "");
        var (_, output) = await RunAsync($$"""
            PODS=''
            iptables-nft-save() { [[ -e {{count}}.done ]] || printf '*filter\n:KUBE-FIREWALL - [0:0]\nCOMMIT\n'; }
            iptables-nft-restore() {
              cat >/dev/null
              echo >>{{count}}
              (($(wc -l <{{count}}) > {{failures}})) || { echo 'line 2 failed'; return 1; }
              touch {{count}}.done
            }
            remove_iptables iptables-nft
            """);
        Assert.Equal(expected, output);
    }

    [Fact]
    public async Task Only_the_IPVS_services_of_kube_proxy_are_deleted()
    {
        var (_, output) = await RunAsync("""
            ip() { [[ $1 != -o ]] || printf '9: kube-ipvs0    inet %s/32 scope global kube-ipvs0\n' 10.96.0.1 fd00::1; }
            ipvsadm() {
              [[ $1 == --save ]] || { echo "$*"; return; }
              printf '%s\n' '-A -t 10.96.0.1:443 -s rr' '-a -t 10.96.0.1:443 -r 10.77.1.1:6443 -m' '-A -u 10.77.1.2:31000 -s rr' \
                '-A -t 10.1.1.1:80 -s rr' '-A -t [fd00::1]:53 -s rr'
            }
            remove_ipvs
            """);
        Assert.Equal("--delete-service -t 10.96.0.1:443\n--delete-service -u 10.77.1.2:31000\n--delete-service -t [fd00::1]:53\n", output);
    }

    [Fact]
    public async Task Only_the_network_devices_of_the_cluster_are_deleted()
    {
        var (_, output) = await RunAsync("""
            ip() {
              [[ $* == *'link show'* ]] || { echo "ip $*"; return; }
              printf '%s: <UP> mtu 1500\n' '1: lo' '2: eth0@if9' '3: docker0' '4: cni0' '5: flannel.1' '6: cali12ab@if4' '7: vxlan.calico' '8: kube-ipvs0' \
                '9: cni-podman0'
            }
            remove_devices | grep ^ip
            """);
        string[] deleted = ["cni0", "flannel.1", "cali12ab", "vxlan.calico", "kube-ipvs0"];
        Assert.Equal(string.Concat(deleted.Select(one => $"ip link delete {one}\n")), output);
    }

    private Task<(int Exit, string Output)> RunAsync(string commands, params (string Key, string Value)[] parameters) =>
        _node.RunAsync("reset", Fakes + commands,
            [.. parameters.Concat([("CLUSTER", "k"), ("FOREIGN", ""), ("LEAVE_ETCD", ""), ("POD_SUBNET", "")]).DistinctBy(one => one.Item1)]);
}
