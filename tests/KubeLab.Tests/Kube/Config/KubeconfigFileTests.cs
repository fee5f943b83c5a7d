using System.Diagnostics;
using System.Text;
using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Kube.Config;

namespace KubeLab.Tests.Kube.Config;

public sealed class KubeconfigFileTests : IDisposable
{
    private const UnixFileMode Shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-test-").FullName;

    private string Config => Path.Combine(_folder, "config");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public async Task The_byte_order_mark_and_line_breaks_are_preserved(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        await File.WriteAllTextAsync(Config, "kind: Config\r\ncurrent-context: a # ö\r\n", encoding);
        await UseAsync("b");
        var written = await File.ReadAllBytesAsync(Config);
        Assert.Equal([.. encoding.GetPreamble(), .. encoding.GetBytes("kind: Config\r\ncurrent-context: b # ö\r\n")], written);
    }

    [Fact]
    public async Task Text_that_is_not_utf8_is_rejected_and_not_changed()
    {
        byte[] content = [.. "current-context: a\nx: "u8, 0xff, (byte)'\n'];
        await File.WriteAllBytesAsync(Config, content);
        Assert.Equal("KubeconfigInvalid", (await Assert.ThrowsAsync<KlException>(() => UseAsync("b"))).ErrorId);
        Assert.Equal(content, await File.ReadAllBytesAsync(Config));
    }

    [Fact]
    public async Task The_mode_owner_symbolic_link_and_hard_link_are_preserved()
    {
        if (OperatingSystem.IsWindows())
            return;
        var (target, other) = (Path.Combine(_folder, "target"), Path.Combine(_folder, "other"));
        await File.WriteAllTextAsync(target, "current-context: a-longer-name-than-the-next\n");
        File.SetUnixFileMode(target, Shared);
        using (var chown = Process.Start("chown", ["1234:1235", target]))
            await chown.WaitForExitAsync();
        var owner = await OwnerAsync(target);
        File.CreateSymbolicLink(Config, "target");
        await UseAsync("b");
        Assert.Equal((Shared, owner, "target"), (File.GetUnixFileMode(target), await OwnerAsync(target), new FileInfo(Config).LinkTarget));
        using (var ln = Process.Start("ln", [target, other]))
            await ln.WaitForExitAsync();
        foreach (var name in (string[])["another-long-name", "c"])
        {
            await UseAsync(name);
            Assert.Equal($"current-context: {name}\n", await File.ReadAllTextAsync(other));
        }
        Assert.Equal(["config", "other", "target"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Leftovers_of_killed_processes_are_removed_by_the_next_edit()
    {
        await File.WriteAllTextAsync(Config, "current-context: a\n");
        await File.WriteAllTextAsync(Config + ".kubelab-new", "current-con");
        await UseAsync("b");
        Assert.Equal([Config], Directory.GetFiles(_folder));
    }

    [Theory]
    // The kubeconfig itself, and the files that it references.
    [InlineData(null, "KubeconfigInvalid")]
    [InlineData("certificate-authority", "KubeconfigInvalid")]
    [InlineData("client-certificate", "KubeconfigInvalid")]
    [InlineData("client-key", "KubeconfigInvalid")]
    [InlineData("tokenFile", "KubeTokenUnreadable")]
    public async Task A_device_without_an_end_or_a_loop_of_links_is_an_error_that_names_it(string? field, string errorId)
    {
        if (OperatingSystem.IsWindows())
            return;
        var loop = Path.Combine(_folder, "loop");
        File.CreateSymbolicLink(loop, loop);
        foreach (var (path, why) in ((string, string)[])[("/dev/zero", "it is longer than"), (loop, "its symbolic links form a loop")])
        {
            if (field is null && path == loop)
                continue;
            var config = field is null ? path : Config;
            var (cluster, user) = field == "certificate-authority" ? ($"{field}: {path}", "token: t")
                : ("insecure-skip-tls-verify: true", field == "client-key" ? $"client-certificate-data: aGk=, {field}: {path}" : $"{field}: {path}");
            if (field is not null)
                await File.WriteAllTextAsync(Config, $$"""
                    current-context: c
                    contexts: [{name: c, context: {cluster: c, user: u} }]
                    clusters: [{name: c, cluster: {server: "https://127.0.0.1:1", {{cluster}} } }]
                    users: [{name: u, user: { {{user}} } }]
                    """);
            var error = await Assert.ThrowsAsync<KlException>(async () =>
            {
                using var kube = new KubeSession(TimeProvider.System);
                using var api = kube.Open(new KubeconfigFiles([config]), null);
                await api.FindAsync<V1Node>("n", null, default);
            });
            Assert.Equal(errorId, error.ErrorId);
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
            Assert.Contains(why, error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("apiVersion: v1\nkind: Pod\n", "its kind or apiVersion is Pod")]
    [InlineData("contexts: {a: b}\n", "line 1, column 11: contexts is not a list")]
    [InlineData("clusters:\n- a\nusers: text\n", "line 3, column 8: users is not a list")]
    [InlineData("a: &a [b, *a]\n", "a value that contains it")]
    public async Task An_invalid_kubeconfig_is_rejected_with_its_position_and_not_changed(string text, string expected)
    {
        await File.WriteAllTextAsync(Config, text);
        Assert.Contains(expected, Assert.Throws<KlException>(() => Kubeconfig.Contexts(new([Config]))).Message, StringComparison.Ordinal);
        Assert.Contains(expected, (await Assert.ThrowsAsync<KlException>(() => UseAsync("b"))).Message, StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(Config));
    }

    [Theory]
    [InlineData("- context: {cluster: c, user: u}")]
    [InlineData("- name:\n  context: {cluster: c, user: u}")]
    [InlineData("- name: null\n- null\n-\n- {}\n- text\n- []\n- [a]")]
    [InlineData("- name: [a]\n- name: {a: b}\n- name: bare\n- name: none\n  context: null\n- name: odd\n  context: text")]
    [InlineData("- name: odd\n  context: {cluster: [c]}")]
    public void An_unusable_entry_hides_no_other_entry(string entry)
    {
        File.WriteAllText(Config, $"contexts:\n{entry}\n- name: good\n  context: {{cluster: c, user: u}}\n- name: 2024\n  context: {{cluster: c, user: u}}\n"
            + "clusters:\n- null\n- cluster: {}\n- name: n\n  cluster: null\n- name: c\n  cluster: {server: \"https://c\"}\nusers:\n- user: null\n- name: "
            + "u\n  user: {token: t}\n");
        var files = new KubeconfigFiles([Config]);
        Assert.Contains("good", Kubeconfig.Contexts(files).Select(c => c.Name));
        Assert.Equal("t", Kubeconfig.Load(files, "good").Config.Token);
        Assert.Equal("t", Kubeconfig.Load(files, "2024").Config.Token);
        foreach (var name in Kubeconfig.Contexts(files).Select(c => c.Name).Except(["good", "2024"]))
            Assert.Equal("KubeconfigInvalid", Assert.Throws<KlException>(() => Kubeconfig.Load(files, name)).ErrorId);
    }

    [Theory]
    [InlineData("{token: t, as-user-extra: {scopes: [a, b]}}", "")]
    [InlineData("{token: [t]}", "line 7, column 18: The field token of the user 'odd' is not a string.")]
    [InlineData("{client-certificate-data: '!!', client-key-data: a}", "")]
    [InlineData("{auth-provider: {name: unknown}}", "")]
    [InlineData("text", "The user 'odd' is not a mapping")]
    [InlineData("{client-certificate: no-such-file, client-key: no-such-file}", "")]
    public void An_invalid_user_affects_only_its_own_context(string user, string expected)
    {
        File.WriteAllText(Config, "contexts:\n- name: good\n  context: {cluster: c, user: u}\n- name: odd\n  context: {cluster: c, user: odd}\n"
            + $"users:\n- {{user: {user}, name: odd}}\n- name: u\n  user: {{token: t}}\nclusters:\n- name: c\n  cluster: {{server: \"https://c\"}}\n");
        var files = new KubeconfigFiles([Config]);
        Assert.Equal("t", Kubeconfig.Load(files, "good").Config.Token);
        Assert.Equal(["good", "odd"], Kubeconfig.Contexts(files).Select(c => c.Name));
        // A user entry that loads without an error is validated by a request.
        if (expected.Length > 0)
            Assert.Contains(expected, Assert.Throws<KlException>(() => Kubeconfig.Load(files, "odd")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_of_several_files_wins_and_paths_are_relative_to_their_files()
    {
        var second = Path.Combine(_folder, "sub", "second");
        Directory.CreateDirectory(Path.GetDirectoryName(second)!);
        File.WriteAllText(Config, "contexts:\n- name: a\n  context: {cluster: first}\n");
        File.WriteAllText(second,
            "current-context: a\ncontexts:\n- name: a\n  context: {cluster: second, user: u, namespace: n}\nclusters:\n- name: first\n  cluster: "
            + "{server: \"https://f\", certificate-authority: ca}\n");
        File.WriteAllText(Path.Combine(_folder, "sub", "ca"), "PEM");
        var files = new KubeconfigFiles([Config, Path.Combine(_folder, "absent"), second]);
        var loaded = files.Load();
        Assert.Equal(("a", new KubeconfigContext("a", "first", null, null)), (loaded.CurrentContext, Assert.Single(loaded.Contexts)));
        Assert.Equal("PEM", Kubeconfig.Load(files, "a").Config.Authority);
    }

    [Theory]
    [InlineData("file/config", "not a folder")]
    [InlineData("folder", "not a regular file")]
    [InlineData("pipe", "not a regular file")]
    [InlineData("loop", "loop")]
    public async Task A_location_that_cannot_be_written_is_an_immediate_error(string place, string expected)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "file"), "");
        Directory.CreateDirectory(Path.Combine(_folder, "folder"));
        // The test uses its own pipe, because a bug may replace it.
        using (var mkfifo = Process.Start("mkfifo", [Path.Combine(_folder, "pipe")]))
            await mkfifo.WaitForExitAsync();
        File.CreateSymbolicLink(Path.Combine(_folder, "loop"), "loop");
        var error = await Assert.ThrowsAsync<KlException>(() =>
            KubeconfigFiles.EditAsync(Path.Combine(_folder, place), text => text.WithCurrentContext("a"), TimeProvider.System, default));
        Assert.Equal("KubeconfigNotWritable", error.ErrorId);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.NextStep!);
    }

    private Task<bool> UseAsync(string name) => KubeconfigFiles.EditAsync(Config, text => text.WithCurrentContext(name), TimeProvider.System, default);

    private static async Task<string> OwnerAsync(string path)
    {
        using var stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%u:%g", path]) { RedirectStandardOutput = true })!;
        return await stat.StandardOutput.ReadToEndAsync();
    }
}
