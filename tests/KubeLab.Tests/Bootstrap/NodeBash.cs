using CliWrap;
using CliWrap.Buffered;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Machines;

namespace KubeLab.Tests.Bootstrap;

/// <summary>Runs parts of a node script in bash, on files in a temporary folder and with fake commands.</summary>
internal sealed class NodeBash : IDisposable
{
    // What the scripts change, and what a test sets.
    private static readonly string[] Parts =
    [
        "/etc/", "/run/kubelab", "/run/calico", "/run/flannel", "/proc/sys/", "/proc/mounts", "/usr/lib/kubelab", "/usr/local/lib/kubelab",
        "/var/lib/", "/var/log/",
    ];

    private readonly Folder _root = new();

    public void Dispose() => _root.Dispose();

    /// <summary>The path in the temporary folder for <paramref name="path"/> in the script.</summary>
    public string At(string path) => _root.Path + path;

    public void Put(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), content);
    }

    public string Read(string path) => File.ReadAllText(At(path));

    public bool Has(string path) => Path.Exists(At(path));

    /// <summary>The script without its last line, which calls main, followed by the commands of the test.</summary>
    public string Text(string script, string commands, params (string Key, string Value)[] parameters)
    {
        var text = NodeScript.Text(script, parameters.ToDictionary(one => one.Key, string? (one) => one.Value)).TrimEnd();
        text = text[..text.LastIndexOf('\n')];
        foreach (var part in Parts)
            text = text.Replace(part, At(part), StringComparison.Ordinal);
        return $"{text}\n{commands}\n";
    }

    public async Task<(int Exit, string Output)> RunAsync(string script, string commands, params (string Key, string Value)[] parameters)
    {
        var result = await Cli.Wrap("bash").WithArguments(["-s"]).WithStandardInputPipe(PipeSource.FromString(Text(script, commands, parameters)))
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
        return (result.ExitCode, result.StandardOutput.Replace(_root.Path, "", StringComparison.Ordinal));
    }
}
