using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Kube;

/// <summary>Runs cmdlets against a fake API server.</summary>
internal static class Kubectl
{
    public static ShellResult Run(FakeApi fake, string script)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, $$"""
                {"current-context": "kubelab-lab", "contexts": [{"name": "kubelab-lab", "context": {"cluster": "c", "user": "u"} }],
                 "clusters": [{"name": "c", "cluster": {"server": "{{fake.Url}}"} }], "users": [{"name": "u", "user": {"token": "t"} }]}
                """);
            return Shell.Run($"$was = $env:KUBECONFIG; $env:KUBECONFIG = '{path}'; try {{ {script} }} finally {{ $env:KUBECONFIG = $was }}");
        }
        finally
        {
            File.Delete(path);
        }
    }
}
