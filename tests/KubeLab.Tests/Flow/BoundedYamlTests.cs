using System.Diagnostics;
using KubeLab.Engine.Bootstrap.Mirrors;
using KubeLab.Engine.Kube.Config;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Engine.Machines.Ssh;

namespace KubeLab.Tests.Flow;

public sealed class BoundedYamlTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-test-").FullName;

    public static TheoryData<string, string> Bombs
    {
        get
        {
            static string Repeat(int count, Func<int, string> line) => string.Concat(Enumerable.Range(1, count).Select(line));
            var billionLaughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
                + Repeat(12, i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
            var merges = "a0: &a0 {x: y}\n" + Repeat(30, i => $"a{i}: &a{i} {{k: *a{i - 1}, <<: *a{i - 1}}}\n");
            string[] texts =
            [
                billionLaughs, merges, "a: " + new string('[', 100_000), Repeat(100_000, _ => "- "), Repeat(3000, i => new string(' ', i - 1) + "a:\n"),
                "a: " + Repeat(50_000, _ => "{a: "), "a: &a {b: *a}\n", "a: &a\n- <<: *a\n",
            ];
            var data = new TheoryData<string, string>();
            foreach (var reader in (string[])["kubeconfig", "kubeconfig edit", "clouds.yaml", "mirror", "hosts.yaml"])
                foreach (var text in texts)
                    data.Add(reader, text);
            return data;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Bombs), DisableDiscoveryEnumeration = true)]
    public async Task A_yaml_bomb_is_a_quick_error_in_every_reader(string reader, string text)
    {
        var path = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(path, text);
        var start = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<KlException>(async () =>
        {
            if (reader == "kubeconfig")
                Kubeconfig.Contexts(new([path]));
            else if (reader == "kubeconfig edit")
                await KubeconfigFiles.EditAsync(path, one => one.WithCurrentContext("a"), TimeProvider.System, default);
            else if (reader == "clouds.yaml")
                CloudYaml.Load(path);
            else if (reader == "mirror")
                MirrorReader.Parse(path, text);
            else
                await new SshInventory(path, TimeProvider.System).ReadAsync(default);
        });
        // Without the limits, this takes minutes or ends the process.
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 30);
    }

    [Fact]
    public void An_endless_kubeconfig_is_an_error() =>
        Assert.Contains("longer than", Assert.Throws<KlException>(() => Kubeconfig.Contexts(new(["/dev/zero"]))).Message, StringComparison.Ordinal);
}
