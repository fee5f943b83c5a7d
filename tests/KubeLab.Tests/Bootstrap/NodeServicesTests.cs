using KubeLab.Engine.Bootstrap;

namespace KubeLab.Tests.Bootstrap;

/// <summary>What the scripts make of services, kernel limits and registries that are not as a node needs them.</summary>
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
    [InlineData("active running", "active running", "io.containerd.grpc.v1 cri - ok\nio.containerd.cri.v1 images - ok\nio.containerd.cri.v1 runtime linux/amd64 error", "containerd (without its CRI plugin)\n")]
    [InlineData("active running", "active running", "io.containerd.snapshotter.v1 overlayfs linux/amd64 ok", "containerd (without its CRI plugin)\n")]
    public async Task A_node_says_which_of_its_services_do_not_run(string containerd, string kubelet, string plugins, string expected)
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
    public async Task A_machine_that_is_no_node_needs_no_kubelet() =>
        Assert.Equal("", (await _node.RunAsync("facts", Plugins + "systemctl() { [[ ${*: -1} == containerd ]] && echo ActiveState=active || echo ActiveState=inactive; }; stopped_services", ("PLUGINS", Good))).Output);

    [Theory]
    [InlineData("inactive", "", "started kubelet, which was inactive")]
    [InlineData("in a restart loop", "inotify_init: too many open files", "started kubelet, which was in a restart loop: inotify_init: too many open files")]
    public async Task What_does_not_run_is_started_and_what_it_died_of_is_named(string state, string cause, string expected)
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
    public async Task A_limit_that_the_machine_may_not_raise_is_said_with_what_died_of_it()
    {
        Limits(128, 1048576);
        var (exit, output) = await StartAsync("failed", "failed to create fsnotify watcher: too many open files", "raise_inotify() { return 1; }\n");
        Assert.Equal(3, exit);
        Assert.EndsWith("::error InotifyLimit its kubelet is failed: failed to create fsnotify watcher: too many open files; fs.inotify.max_user_instances is 128 and cannot be changed from there\n",
            output, StringComparison.Ordinal);
        Assert.Contains("fs.inotify.max_user_instances", NodeErrors.Of("k-1", output[(output.IndexOf("::error ", StringComparison.Ordinal) + 8)..]).NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_higher_limit_is_never_lowered()
    {
        Limits(65536, 9000000);
        Assert.Equal((0, ""), await _node.RunAsync("facts", "raise_inotify"));
        Assert.Equal("65536\n", _node.Read("/proc/sys/fs/inotify/max_user_instances"));
    }

    [Fact]
    public async Task What_kubeadm_waits_for_is_a_step() =>
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
    [InlineData("Failed to start cAdvisor: inotify_init: too many open files", 3, "::error InotifyLimit its kubelet or containerd died of the kernel's inotify limits: Failed to start cAdvisor: inotify_init: too many open files\n")]
    public async Task A_join_that_failed_for_the_kernels_limits_says_so(string journal, int exit, string expected) =>
        Assert.Equal((exit, expected), await _node.RunAsync("join", "kubeadm() { return 7; }; journalctl() { echo \"$SAID\"; }; run_kubeadm join", ("SAID", journal)));

    [Theory]
    [InlineData(0, "", 0, null)]
    [InlineData(1, """ctr: failed to resolve reference "r/pause:3": failed to do request: Head "https://r/v2/pause/manifests/3": dial tcp: lookup r: no such host""", 3,
        """r/pause:3 cannot be pulled: Head "https://r/v2/pause/manifests/3": dial tcp: lookup r: no such host""")]
    [InlineData(1, """ctr: failed to resolve reference "r/pause:3": r/pause:3: not found""", 3, """r/pause:3 cannot be pulled: failed to resolve reference "r/pause:3": r/pause:3: not found""")]
    [InlineData(124, "", 3, "r/pause:3 cannot be pulled: no answer in 30 s")]
    [InlineData(1, "ctr: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope", 0, null)]
    [InlineData(1, "Incorrect Usage: flag provided but not defined: -hosts-dir", 0, null)]
    public async Task An_image_that_cannot_be_had_is_said_before_anything_waits_for_it(int status, string said, int exit, string? error)
    {
        var (code, output) = await _node.RunAsync("init", """
            ctr() { [[ $2 != k8s.io ]] || echo r/there:1; }
            systemctl() { echo $$; }
            timeout() { echo "$*" >>"$AT/asked"; printf %s "$SAID"; return $STATUS; }
            need_images r/there:1 r/pause:3 r/other:2
            """, ("AT", _node.At("")), ("SAID", said), ("STATUS", $"{status}"));
        Assert.Equal(exit, code);
        Assert.StartsWith("::step Asking for r/pause:3\n", output, StringComparison.Ordinal);
        Assert.Contains("ctr -n kubelab content fetch --metadata-only --hosts-dir ", _node.Read("/asked"), StringComparison.Ordinal);
        Assert.Equal(error, output.Split("::error ImagesUnreachable ").ElementAtOrDefault(1)?.TrimEnd());
    }

    [Fact]
    public async Task No_registry_is_asked_for_images_that_are_there() =>
        Assert.Equal((0, ""), await _node.RunAsync("init", "ctr() { printf '%s\\n' r/pause:3 r/proxy:1; }; need_images r/pause:3 r/proxy:1; exit $?"));

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
