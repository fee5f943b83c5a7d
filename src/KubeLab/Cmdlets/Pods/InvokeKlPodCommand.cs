using System.Management.Automation;
using System.Text;
using KubeLab.Engine.Pods;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Pods;

/// <summary>
/// <para type="synopsis">Runs a program in pods.</para>
/// <para type="description">Runs it in all at once and writes each line it prints as it comes. The arguments arrive as they are; no shell takes them apart.
/// An exit code other than 0 is an error about its pod (PodCommandFailed), and stands in $LASTEXITCODE; the other pods go on.
/// Ctrl+C ends the program where its container has a shell; where it may still be running, a warning says so.</para>
/// </summary>
/// <example>
/// <para>In every pod of a deployment</para>
/// <code>Get-KlDeployment web | Get-KlPod | Invoke-KlPodCommand cat, /etc/hostname</code>
/// </example>
/// <example>
/// <para>What a file holds, through a program's standard input</para>
/// <code>Invoke-KlPodCommand -Name db-0 sh, -c, 'mysql wiki' -StandardInput (Get-Content -Raw wiki.sql)</code>
/// </example>
[Cmdlet(VerbsLifecycle.Invoke, "KlPodCommand", SupportsShouldProcess = true)]
[OutputType(typeof(KlPodLine), typeof(byte[]))]
public sealed class InvokeKlPodCommand : PodCmdlet
{
    /// <summary><para type="description">The program and its arguments.</para></summary>
    [Parameter(Mandatory = true, Position = 0)]
    [AllowEmptyString]
    public string[] Command { get; set; } = [];

    /// <summary><para type="description">The pods; or KIND/NAME: one of that object's, as in deployment/web.</para></summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Pod")]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary><para type="description">The container. Default: the only one.</para></summary>
    [Parameter]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("c")]
    public string? Container { get; set; }

    /// <summary><para type="description">What the program reads: bytes, which arrive as they are, or texts, each a line.</para></summary>
    [Parameter]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? StandardInput { get; set; }

    /// <summary><para type="description">Writes what the program prints as bytes, piece by piece. Its error output is shown where it fails.</para></summary>
    [Parameter]
    public SwitchParameter AsByteStream { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, input) = (Cluster, Namespace, Input());
        foreach (var pod in Name.Select(Full))
            if (ShouldProcess(pod, $"Run {Command[0]}"))
                Start(pod, (_, stop) => RunAsync(cluster, ns, pod, input, stop));
    }

    private async Task RunAsync(string? cluster, string? ns, string pod, ReadOnlyMemory<byte>? input, CancellationToken stop)
    {
        var errors = new StringBuilder();
        int code;
        try
        {
            code = AsByteStream
                ? await Engine.PodCommands.RunAsync(cluster, ns, pod, Container, Command, input, Bytes, stop)
                : await Engine.PodCommands.LinesAsync(cluster, ns, pod, Container, Command, input, Line, stop);
        }
        catch (KlException unstarted) when (unstarted.ErrorId == ErrorIds.PodCommandFailed)
        {
            Exited(PodCommands.CodeOf(unstarted));
            throw;
        }
        Exited(code);
        if (code != 0)
            throw new KlException(ErrorIds.PodCommandFailed, KlErrorKind.Failed, pod, $"{pod}: {Command[0]} ended with exit code {code}.{(errors.Length == 0 ? "" : "\n" + errors.ToString().TrimEnd())}");

        void Line(KlPodLine line)
        {
            Write(line);
            if (line.IsError && errors.Length < 2000)
                errors.AppendLine(line.Line);
        }

        void Bytes(bool isError, ReadOnlyMemory<byte> data)
        {
            var piece = data.ToArray();
            if (isError)
                errors.Append(Encoding.UTF8.GetString(piece));
            else
                Post(() => WriteObject(piece, enumerateCollection: false));
        }
    }

    private ReadOnlyMemory<byte>? Input() => Bare(StandardInput) switch
    {
        null => (ReadOnlyMemory<byte>?)null,
        byte[] bytes => bytes.AsMemory(),
        string text => Encoding.UTF8.GetBytes(text).AsMemory(),
        object[] many when many.All(one => Bare(one) is byte) => many.Select(one => (byte)Bare(one)!).ToArray(),
        var lines => Encoding.UTF8.GetBytes(string.Concat(LanguagePrimitives.ConvertTo<string[]>(lines).Select(line => line + "\n"))),
    };

    private static object? Bare(object? given) => given is PSObject wrapped ? wrapped.BaseObject : given;
}
