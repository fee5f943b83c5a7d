using CliWrap;
using CliWrap.Buffered;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Machines;

namespace KubeLab.Tests.Bootstrap;

/// <summary>Node scripts in bash with fake commands.</summary>
public sealed class ScriptTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_parameter_reaches_the_script_unchanged()
    {
        const string special = "it's $HOME `id` \"x\" \\ !\nsecond line";
        var (_, output) = await RunAsync("facts", "printf %s \"$VALUE\"", ("VALUE", special));
        Assert.Equal(special, output);
    }

    [Fact]
    public async Task A_file_is_written_once()
    {
        var path = Path.Combine(_folder.Path, "deep", "file");
        var (_, output) = await RunAsync(
            "facts", "for _ in 1 2; do put 0600 \"$FILE\" <<<text; was_put && echo new; done; stat -c %a \"$FILE\"", ("FILE", path));
        Assert.Equal($"::changed wrote {path}\nnew\n600\n", output);
    }

    [Theory]
    [InlineData("1.36", "1.36.10-1.1")]
    [InlineData("1.36.9", "1.36.9-1.1")]
    public async Task The_newest_package_of_a_version_is_installed(string version, string expected)
    {
        var (exit, output) = await RunAsync("install", Packages + "choose_version; echo \"$version\"", ("VERSION", version), ("APT", "deb [x] http://m ./"));
        Assert.Equal((0, expected + "\n"), (exit, output));
    }

    [Fact]
    public async Task The_error_for_an_unknown_version_lists_the_available_ones()
    {
        var (exit, output) = await RunAsync("install", Packages + "choose_version", ("VERSION", "1.3"), ("APT", "deb [x] http://m ./"));
        Assert.Equal(
            (3, "::error KubernetesVersionNotFound Kubernetes 1.3 was not found in http://m ./; available: 1.35.1 1.36.9 1.36.10\n"), (exit, output));
        var error = NodeScript.Error("k-1", output.Trim()["::error ".Length..], NodeErrors.Known);
        Assert.Equal("KubernetesVersionNotFound", error.ErrorId);
    }

    [Fact]
    public async Task An_unreadable_repository_is_an_unreachable_mirror()
    {
        var (exit, output) = await RunAsync(
            "install", "apt-cache() { :; }; update_output='W: Failed to fetch http://m'; choose_version",
            ("VERSION", "1.36"), ("APT", "deb [x] http://m ./"));
        Assert.Equal((3, "::error MirrorUnreachable kubeadm was not found in http://m ./: W: Failed to fetch http://m\n"), (exit, output));
    }

    [Theory]
    [InlineData("1.20.2-00", "1.4.13~ds1-1", "containerd")]
    [InlineData("1.25.16-1.1", "1.4.13~ds1-1", "containerd")]
    [InlineData("1.26.0-1.1", "1.4.13~ds1-1", "containerd.io")]
    [InlineData("1.26.0-1.1", "1.6.20~ds1-1", "containerd")]
    [InlineData("1.35.2-1.1", "1.6.20~ds1-1", "containerd")]
    [InlineData("1.36.0-1.1", "1.6.20~ds1-1", "containerd")]
    [InlineData("1.36.2-1.1", "1.7.24~ds1-6+deb13u1+b4", "containerd")]
    [InlineData("1.36.10-1.1", "2.1.4", "containerd")]
    [InlineData("1.37.0-1.1", "1.7.24~ds1-6+deb13u1+b4", "containerd.io")]
    [InlineData("1.37.0-1.1", "2.0.0~rc1", "containerd.io")]
    [InlineData("1.37.1-1.1", "2.1.9+ds-1", "containerd")]
    [InlineData("1.38.0-1.1", "1:2.0.0-1", "containerd")]
    [InlineData("1.37.0-1.1", "(none)", "containerd.io")]
    [InlineData("1.36.0-1.1", "(none)", "containerd.io")]
    public async Task The_container_runtime_is_new_enough(string kubernetes, string distribution, string expected)
    {
        var (exit, output) = await RunAsync("install", $$"""
            command() { return 1; }
            candidate() { [[ $1 == containerd ]] && echo '{{distribution}}' || { [[ ! -e added ]] || echo 2.2.0-1; }; }
            repository() { touch added; }
            update() { :; }
            cd '{{_folder.Path}}'; version={{kubernetes}}; choose_runtime; echo "$runtime"
            """, ("RUNTIME_APT", "deb x"), ("RUNTIME_KEY", "key"));
        Assert.Equal((0, expected + "\n"), (exit, output));
    }

    [Theory]
    [InlineData("1.36.2-1.1", "v1.7.24", "\n")]
    [InlineData("1.36.2-1.1", "1.6.20~ds1", "\n")]
    [InlineData("1.37.0-1.1", "v2.1.9", "\n")]
    [InlineData("1.37.0-1.1", "1.7.24",
        "::error ContainerdTooOld Kubernetes 1.37.0 requires containerd 2.0.0 or later; the repositories of the machine have 1.4.13\n")]
    [InlineData("1.26.0-1.1", "1.4.13",
        "::error ContainerdTooOld Kubernetes 1.26.0 requires containerd 1.6.0 or later; the repositories of the machine have 1.4.13\n")]
    public async Task An_installed_container_runtime_is_kept_unless_it_is_too_old(string kubernetes, string installed, string expected)
    {
        var (_, output) = await RunAsync("install", $$"""
            containerd() { echo containerd github.com/containerd/containerd {{installed}} x; }
            candidate() { echo 1.4.13; }
            version={{kubernetes}}; choose_runtime; echo "$runtime"
            """, ("RUNTIME_APT", ""));
        Assert.Equal(expected, output);
    }

    [Theory]
    [InlineData("1.6.20~ds1", "version = 2",
        "[plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc.options]\n  SystemdCgroup = true", "  sandbox_image = 'r/pause:3.2'")]
    [InlineData("v2.1.4", "version = 3",
        "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]\n  SystemdCgroup = true", "pinned_images]\n  sandbox = 'r/pause:3.2'")]
    public async Task Containerd_is_configured_in_the_schema_of_its_major_version(string containerd, params string[] expected)
    {
        var (_, output) = await RunAsync("install", $$"""
            containerd() { echo containerd github.com/containerd/containerd {{containerd}} x; }
            put() { cat; }
            containerd_config r/pause:3.2
            """);
        Assert.All(expected, part => Assert.Contains(part, output, StringComparison.Ordinal));
        Assert.Contains("config_path = '/etc/containerd/certs.d'", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_start_of_the_kubelet_is_determined_from_its_process()
    {
        var (_, output) = await RunAsync("facts", """
            systemctl() { echo "$PPID"; }
            expected=$(date -d "$(ps -o lstart= -p "$PPID")" +%s) started=$(kubelet_started)
            ((started >= expected - 1 && started <= expected + 1)) && echo right
            systemctl() { echo 0; }
            kubelet_started
            """);
        Assert.Equal("right\n", output);
    }

    [Fact]
    public async Task A_node_that_KubeLab_did_not_create_is_not_reset()
    {
        var (exit, output) = await RunAsync("join", "has_traces() { true; }; kubeadm() { echo reset; }; reset_node");
        Assert.Equal(3, exit);
        Assert.StartsWith("::error MachineInUse ", output, StringComparison.Ordinal);
    }

    private const string Packages = """
        apt-cache() { printf 'kubeadm | %s | x\n' 1.36.9-1.1 1.35.1-1.1 1.36.10-1.1; }
        update_output=

        """;

    // Runs the script without its last line, which calls main, followed by the commands of the test.
    private static async Task<(int Exit, string Output)> RunAsync(string script, string commands, params (string Key, string Value)[] parameters)
    {
        var text = NodeScript.Text(script, parameters.ToDictionary(one => one.Key, string? (one) => one.Value)).TrimEnd();
        var result = await Cli.Wrap("bash").WithArguments(["-s"])
            .WithStandardInputPipe(PipeSource.FromString($"{text[..text.LastIndexOf('\n')]}\n{commands}\n"))
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
        return (result.ExitCode, result.StandardOutput);
    }
}
