using KubeLab.Tests.Bootstrap;
using static KubeLab.Tests.Nodes.Certificates.NodePem;

namespace KubeLab.Tests.Nodes.Certificates;

/// <summary>renew.sh in bash with fake commands: containers are files that contain their number.</summary>
public sealed class RenewalScriptTests : IDisposable
{
    private const string Fakes = """
        lock() { :; }
        start_services() { echo start_services; }
        sleep() { SECONDS=$((SECONDS + 20)); }
        timeout() { shift; "$@"; }
        systemctl() { echo "systemctl $*"; }
        kubeadm() {
          [[ $1 != version ]] || { echo "${VERSION:-v1.20.2}"; return; }
          echo "kubeadm $*"
          local file
          for file in $RENEWS; do echo "new" >>"ROOT/etc/kubernetes/$file"; done
        }
        kubectl() { echo "kubectl $*" >&2; }
        openssl() { [[ $1 == s_client ]] && cat "ROOT/etc/served" || { [[ $1 == x509 ]] && md5sum; }; }
        ctr() {
          shift 2
          case "$1 $2" in
            'tasks ls') echo 'TASK PID STATUS'; for one in ROOT/run/*; do echo "${one##*/}-$(<"$one") 7 RUNNING"; done ;;
            'containers ls') local name=${4#*==}; name=${name%%,*}; [[ ! -e ROOT/run/$name ]] || echo "$name-$(<"ROOT/run/$name")"; echo other-1 ;;
            'tasks kill') echo "kill $4 $5"; killed "${5%-*}" ;;
            'tasks exec') [[ $* == *' etcdctl '*' endpoint health' ]] && etcdctl ;;
          esac
        }
        etcdctl() { :; }
        killed() { echo 2 >"ROOT/run/$1"; }

        """;

    private static readonly string[] Components = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];

    private readonly NodeBash _node = new();

    public RenewalScriptTests()
    {
        foreach (var component in Components)
        {
            _node.Put($"/etc/kubernetes/manifests/{component}.yaml", "    - --advertise-address=10.77.1.1\n    - --secure-port=6443\n");
            _node.Put($"/run/{component}", "1");
        }
        foreach (var file in new[] { "pki/apiserver.crt", "pki/etcd/server.crt", "admin.conf" })
            _node.Put("/etc/kubernetes/" + file, "old\n");
        _node.Put("/etc/served", "old\nnew\n");
    }

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("v1.20.2", "kubeadm certs renew all")]
    [InlineData("v1.36.2", "kubeadm certs renew all")]
    [InlineData("v1.19.16", "kubeadm alpha certs renew all")]
    public async Task Certificates_are_renewed_and_the_static_pods_restarted(string version, string command)
    {
        var (exit, output) = await RunAsync("", ("VERSION", version));

        Assert.Equal($"""
            ::step kubeadm certs renew all
            {command}
            ::changed renewed 3 certificates
            ::fact renewed=/etc/kubernetes/admin.conf /etc/kubernetes/pki/apiserver.crt /etc/kubernetes/pki/etcd/server.crt
            start_services
            {string.Join('\n', Components.Select(one => $"::step Restarting {one}\nkill SIGTERM {one}-1\n::changed restarted {one}"))}
            ::fact admin={Base64("old\nnew\n")}

            """, Sorted(output));
        Assert.Equal(0, exit);
    }

    [Fact]
    public async Task A_worker_is_not_changed()
    {
        File.Delete(_node.At("/etc/kubernetes/manifests/kube-apiserver.yaml"));
        Assert.Equal((3, "::error ControlPlaneExpected it is not a control plane\n"), await RunAsync(""));
    }

    [Fact]
    public async Task Nothing_is_restarted_if_kubeadm_fails_or_renews_nothing()
    {
        Assert.Equal((3, "::step kubeadm certs renew all\n::error CertificateRenewalFailed kubeadm could not renew its certificates: no CA\n"),
            await RunAsync("kubeadm() { [[ $1 != version ]] || { echo v1.20.2; return; }; echo start; echo no CA; false; }"));
        var (exit, output) = await RunAsync("", ("RENEWS", ""));
        Assert.Equal(3, exit);
        Assert.EndsWith(
            "::error CertificateRenewalFailed kubeadm renewed none of its certificates: kubeadm certs renew all\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_an_external_authority_is_reported_as_not_renewed()
    {
        var (exit, output) = await RunAsync(
            "check_served() { :; }; eval \"real_$(declare -f kubeadm)\"\n"
                + "kubeadm() { real_kubeadm \"$@\"; [[ $1 == version ]] || echo 'Detected external etcd-ca'; }",
            ("RENEWS", "pki/apiserver.crt admin.conf"));
        Assert.Equal(0, exit);
        Assert.Contains("::warning kubeadm did not renew /etc/kubernetes/pki/etcd/server.crt: Detected external etcd-ca\n", output, StringComparison.Ordinal);
        Assert.Contains("::changed renewed 2 certificates\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_component_that_had_failed_is_started_at_once()
    {
        File.Delete(_node.At("/run/kube-apiserver"));
        var (exit, output) = await RunAsync("systemctl() { echo \"systemctl $*\"; echo 2 >ROOT/run/kube-apiserver; }");
        Assert.Equal(0, exit);
        Assert.Contains("::step Restarting kube-apiserver\nsystemctl restart kubelet\n::changed restarted kube-apiserver\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_that_does_not_end_is_killed()
    {
        var (exit, output) = await RunAsync("killed() { [[ $1 == etcd && $NUMBER -lt 1 ]] || echo 2 >ROOT/run/$1; NUMBER=$((NUMBER + 1)); }", ("NUMBER", "0"));
        Assert.Equal(0, exit);
        Assert.Contains("kill SIGTERM etcd-1\nkill SIGKILL etcd-1\n::changed restarted etcd\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("etcdctl() { echo start; echo unhealthy; return 1; }", "etcd", "unhealthy")]
    [InlineData("kubectl() { echo start; echo etcd failed; return 1; }", "kube-apiserver", "etcd failed")]
    [InlineData("killed() { rm ROOT/run/$1; }", "etcd", "its container has not started again")]
    [InlineData("echo old >ROOT/etc/served", "etcd", "it does not present the certificate in /etc/kubernetes/pki/etcd/server.crt")]
    public async Task A_component_that_is_not_ready_again_is_an_error(string change, string component, string problem)
    {
        var (exit, output) = await RunAsync(change);
        Assert.Equal(3, exit);
        Assert.EndsWith(
            $"::error CertificateRenewalFailed the certificates were renewed, but {component} is not ready 360 s after its restart: {problem}\n",
            output, StringComparison.Ordinal);
        Assert.DoesNotContain($"restarted {component}", output, StringComparison.Ordinal);
        Assert.DoesNotContain("::fact admin", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.77.1.1", "10.77.1.1:6443")]
    [InlineData("fd00::1", "[fd00::1]:6443")]
    public async Task The_API_server_of_the_machine_itself_is_asked(string address, string expected)
    {
        _node.Put("/etc/kubernetes/manifests/kube-apiserver.yaml", $"    - --advertise-address={address}\n");
        Assert.Equal(expected + "\n", (await _node.RunAsync("renew", "api_address")).Output);
    }

    [FactWith("openssl")]
    public async Task The_certificate_that_a_server_presents_is_compared()
    {
        // Like etcd, the server requires a client certificate.
        var (exit, output) = await _node.RunAsync("renew", """
            cd "$PKI"
            for name in new old; do
              openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 9 -subj "/CN=$name" -keyout "$name.key" -out "$name.crt"
            done
            openssl s_server -www -accept 127.0.0.1:0 -cert new.crt -key new.key -CAfile new.crt -Verify 1 -verify_return_error </dev/null >log 2>&1 &
            trap 'kill $!' EXIT
            until port=$(sed -n 's/^ACCEPT .*://p' log) && [[ -n $port ]]; do kill -0 $!; sleep 0.05; done
            check_served "127.0.0.1:$port" new.crt
            echo compared
            check_served "127.0.0.1:$port" old.crt
            """);
        Assert.Equal((0, "compared\nit does not present the certificate in /etc/kubernetes/pki/old.crt\n"), (exit, output));
    }

    // The order of digests is random.
    private static string Sorted(string output)
    {
        const string Fact = "::fact renewed=";
        return string.Join('\n', output.Split('\n').Select(line => line.StartsWith(Fact, StringComparison.Ordinal)
            ? Fact + string.Join(' ', line[Fact.Length..].Split(' ').Order(StringComparer.Ordinal)) : line));
    }

    private Task<(int Exit, string Output)> RunAsync(string change, params (string Key, string Value)[] parameters) =>
        _node.RunAsync("renew", $"{Fakes}\n{change}\nmain </dev/null".Replace("ROOT", _node.At(""), StringComparison.Ordinal),
            [.. parameters.Concat([("RENEWS", "pki/apiserver.crt pki/etcd/server.crt admin.conf")]).DistinctBy(one => one.Item1)]);
}
