using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Kube;

/// <summary>Runs cmdlets against a fake API server.</summary>
internal static class Kubectl
{
    /// <summary>A kubeconfig whose current context is that of the KubeLab cluster lab.</summary>
    public static string Config(string server, string cluster = "") => $$"""
        {"current-context": "kubelab-lab", "contexts": [{"name": "kubelab-lab", "context": {"cluster": "c", "user": "u"} }],
         "clusters": [{"name": "c", "cluster": {"server": "{{server}}"{{cluster}}} }], "users": [{"name": "u", "user": {"token": "t"} }]}
        """;

    public static ShellResult Run(FakeApi fake, string script)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, Config(fake.Url));
            return Shell.Run($"$was = $env:KUBECONFIG; $env:KUBECONFIG = '{path}'; try {{ {script} }} finally {{ $env:KUBECONFIG = $was }}");
        }
        finally
        {
            File.Delete(path);
        }
    }
}
