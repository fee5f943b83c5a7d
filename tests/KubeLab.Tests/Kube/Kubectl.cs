using KubeLab.Engine;
using KubeLab.Tests.Machines;
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

    /// <summary>Runs a script whose current context is the server.</summary>
    /// <param name="fake">The server.</param>
    /// <param name="script">The script.</param>
    /// <param name="clock">The clock, or null for the system's clock.</param>
    /// <param name="variables">Variables of the script.</param>
    public static ShellResult Run(FakeApi fake, string script, TimeProvider? clock = null, IReadOnlyDictionary<string, object?>? variables = null)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, Config(fake.Url));
            return Shell.Run($"$was = $env:KUBECONFIG; $env:KUBECONFIG = '{path}'; try {{ {script} }} finally {{ $env:KUBECONFIG = $was }}",
                clock is null ? null : new LabEngine(FakeHosts.Up(), [], clock), variables);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
