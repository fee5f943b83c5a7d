using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Remote;

namespace KubeLab.Tests.Bootstrap;

/// <summary>Node scripts with stopped services, low kernel limits and unreachable registries.</summary>
public sealed class NodeServicesTests : IDisposable
{
    private const string Plugins = "ctr() { printf '%s\\n' \"$PLUGINS\"; }\n";
    private const string Good = "io.containerd.grpc.v1 cri linux/amd64 ok";

    private readonly NodeBash _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("active running", "active running", Good, "")]
    [InlineData("active running", "inactive dead", Good, "kubelet (inactive)\n")]
    [InlineData("active running", "failed failed", Good, "kubelet (failed)\n")]
    [InlineData("active running", "activating auto-restart", Good, "kubelet (in a restart loop)\n")]
    [InlineData("active running", "activating start", Good, "")]
    [InlineData("inactive dead", "inactive dead", Good, "containerd (inactive)\nkubelet (inactive)\n")]
    [InlineData("active running", "active running", "io.containerd.grpc.v1 cri linux/amd64 error", "containerd (without its CRI plugin)\n")]
    [InlineData("active running", "active running",
        "io.containerd.grpc.v1 cri - ok\nio.containerd.cri.v1 images - ok\nio.containerd.cri.v1 runtime linux/amd64 error",
        "containerd (without its CRI plugin)\n")]
    [InlineData("active running", "active running", "io.containerd.snapshotter.v1 overlayfs linux/amd64 ok", "containerd (without its CRI plugin)\n")]
    public async Task A_node_reports_services_that_are_not_running(string containerd, string kubelet, string plugins, string expected)
    {
        _node.Put("/etc/kubernetes/kubelet.conf", "");
        var (_, output) = await _node.RunAsync("facts", $$"""
            {{Plugins}}
            systemctl() {
              local state='{{containerd}}'
              [[ ${*: -1} != kubelet ]] || state='{{kubelet}}'
              if [[ $1 == is-active ]]; then echo "${state% *}"; else printf 'ActiveState=%s\nSubState=%s\n' $state; fi
            }
            stopped_services
            """, ("PLUGINS", plugins));
        Assert.Equal(expected, output);
    }

    [Fact]
    public async Task A_machine_that_has_not_joined_needs_no_kubelet() =>
        Assert.Equal("", (await _node.RunAsync("facts", $$"""
            {{Plugins}}
            systemctl() { [[ ${*: -1} == containerd ]] && echo ActiveState=active || echo ActiveState=inactive; }
            stopped_services
            """, ("PLUGINS", Good))).Output);

    [Theory]
    [InlineData("inactive", "", "started kubelet, which was inactive")]
    [InlineData("in a restart loop", "inotify_init: too many open files", "started kubelet, which was in a restart loop: inotify_init: too many open files")]
    public async Task A_stopped_service_is_started_and_the_reason_is_reported(string state, string cause, string expected)
    {
        Limits(128, 1048576);
        var (exit, output) = await StartAsync(state, cause);
        Assert.Equal((0, $"""
            ::changed raised fs.inotify.max_user_instances to 8192
            ::step Starting kubelet
            enable -q kubelet
            restart kubelet
            ::changed {expected}

            """), (exit, output));
        Assert.Equal(("8192\n", "1048576\n"), (_node.Read("/proc/sys/fs/inotify/max_user_instances"), _node.Read("/proc/sys/fs/inotify/max_user_watches")));
    }

    [Fact]
    public async Task A_limit_that_cannot_be_raised_is_reported_with_the_stopped_service()
    {
        Limits(128, 1048576);
        var (exit, output) = await StartAsync("failed", "failed to create fsnotify watcher: too many open files", "raise_inotify() { return 1; }\n");
        Assert.Equal(3, exit);
        Assert.EndsWith(
            "::error InotifyLimit its kubelet is failed: failed to create fsnotify watcher: too many open files; "
                + "fs.inotify.max_user_instances is 128 and cannot be raised\n",
            output, StringComparison.Ordinal);
        var error = NodeScript.Error("k-1", output[(output.IndexOf("::error ", StringComparison.Ordinal) + 8)..], NodeErrors.Known);
        Assert.Contains("fs.inotify.max_user_instances", error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_higher_limit_is_not_lowered()
    {
        Limits(65536, 9000000);
        Assert.Equal((0, ""), await _node.RunAsync("facts", "raise_inotify"));
        Assert.Equal("65536\n", _node.Read("/proc/sys/fs/inotify/max_user_instances"));
    }

    [Fact]
    public async Task A_wait_of_kubeadm_is_reported_as_a_step() =>
        Assert.Equal((0, """
            [preflight] Running pre-flight checks
            [kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap...
            ::step kubeadm join: Waiting for the kubelet to perform the TLS Bootstrap...

            """), await _node.RunAsync("join", """
            kubeadm() { echo '[preflight] Running pre-flight checks'; echo '[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap...' >&2; }
            run_kubeadm join
            """));

    [Theory]
    [InlineData("", 7, "")]
    [InlineData("Failed to start cAdvisor: inotify_init: too many open files", 3,
        "::error InotifyLimit its kubelet or containerd exited because of the kernel's inotify limits: "
            + "Failed to start cAdvisor: inotify_init: too many open files\n")]
    public async Task A_join_that_failed_because_of_inotify_limits_reports_them(string journal, int exit, string expected) =>
        Assert.Equal((exit, expected), await _node.RunAsync(
            "join", "kubeadm() { return 7; }; journalctl() { echo \"$JOURNAL\"; }; run_kubeadm join", ("JOURNAL", journal)));

    [Theory]
    [InlineData(0, "", 0, null)]
    [InlineData(1,
        """ctr: failed to resolve reference "r/pause:3": failed to do request: Head "https://r/v2/pause/manifests/3": dial tcp: lookup r: no such host""", 3,
        """r/pause:3 could not be pulled: Head "https://r/v2/pause/manifests/3": dial tcp: lookup r: no such host""")]
    [InlineData(1, """ctr: failed to resolve reference "r/pause:3": r/pause:3: not found""", 3,
        """r/pause:3 could not be pulled: failed to resolve reference "r/pause:3": r/pause:3: not found""")]
    [InlineData(124, "", 3, "r/pause:3 could not be pulled: no response within 30 s")]
    [InlineData(1, "ctr: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope", 0, null)]
    [InlineData(1, "Incorrect Usage: flag provided but not defined: -hosts-dir", 0, null)]
    public async Task An_unavailable_image_is_reported_before_kubeadm_waits_for_it(int status, string response, int exit, string? error)
    {
        var (code, output) = await _node.RunAsync("init", """
            ctr() { [[ $2 != k8s.io ]] || echo r/present:1; }
            systemctl() { echo $$; }
            timeout() { echo "$*" >>"$AT/requests"; printf %s "$RESPONSE"; return $STATUS; }
            need_images r/present:1 r/pause:3 r/other:2
            """, ("AT", _node.At("")), ("RESPONSE", response), ("STATUS", $"{status}"));
        Assert.Equal(exit, code);
        Assert.StartsWith("::step Checking r/pause:3\n", output, StringComparison.Ordinal);
        Assert.Contains("ctr -n kubelab content fetch --metadata-only --hosts-dir ", _node.Read("/requests"), StringComparison.Ordinal);
        Assert.Equal(error, output.Split("::error ImagesUnreachable ").ElementAtOrDefault(1)?.TrimEnd());
    }

    [Fact]
    public async Task Existing_images_are_not_requested() => Assert.Equal(
        (0, ""), await _node.RunAsync("init", "ctr() { printf '%s\\n' r/pause:3 r/proxy:1; }; need_images r/pause:3 r/proxy:1; exit $?"));

    private void Limits(int instances, int watches)
    {
        _node.Put("/proc/sys/fs/inotify/max_user_instances", $"{instances}\n");
        _node.Put("/proc/sys/fs/inotify/max_user_watches", $"{watches}\n");
    }

    private Task<(int Exit, string Output)> StartAsync(string state, string cause, string more = "") => _node.RunAsync("services", $$"""
        stopped_services() { echo 'kubelet ({{state}})'; }
        journalctl() { echo '{{cause}}'; }
        systemctl() { [[ $1 == reset-failed ]] || echo "$*"; }
        {{more}}
        start_services
        """);
}
