using System.Management.Automation;
using System.Text;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Pods;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Pods;

/// <summary>Runs a program in pods in parallel.</summary>
/// <remarks>Writes each line of output as it arrives. No shell interprets the arguments. A nonzero exit code is an error for that pod (PodCommandFailed)
/// and is stored in $LASTEXITCODE; the other pods continue. Ctrl+C stops the program if its container has a shell; otherwise a warning reports that the
/// program may still be running.</remarks>
/// <example>Run a program in every pod of a deployment
/// <code>Get-KlDeployment web | Get-KlPod | Invoke-KlPodCommand cat, /etc/hostname</code></example>
/// <example>Send a file to the program's standard input
/// <code>Invoke-KlPodCommand -Name db-0 sh, -c, 'mysql wiki' -StandardInput (Get-Content -Raw wiki.sql)</code></example>
[Cmdlet(VerbsLifecycle.Invoke, "KlPodCommand", SupportsShouldProcess = true)]
[OutputType(typeof(KlPodLine), typeof(byte[]))]
public sealed class InvokeKlPodCommand : PodCmdlet
{
    /// <summary>The program and its arguments.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [AllowEmptyString]
    public string[] Command { get; set; } = [];

    /// <summary>Names of pods. KIND/NAME, such as deployment/web, selects one pod of another object.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Pod")]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>The container. Required if the pod has more than one.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("c")]
    public string? Container { get; set; }

    /// <summary>Standard input of the program: bytes, which are sent unchanged, or strings, which are sent as lines.</summary>
    [Parameter]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? StandardInput { get; set; }

    /// <summary>Writes standard output as byte arrays. Standard error is shown if the program fails.</summary>
    [Parameter]
    public SwitchParameter AsByteStream { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, input) = (Cluster, Namespace, Input());
        foreach (var pod in Name.Select(Qualified))
            if (ShouldProcess(pod, $"Run {Command[0]}"))
                Start(pod, (_, stop) => RunAsync(cluster, ns, pod, input, stop));
    }

    private async Task RunAsync(string? cluster, string? ns, string pod, ReadOnlyMemory<byte>? input, CancellationToken stop)
    {
        var errors = new OutputTail();
        int code;
        try
        {
            code = AsByteStream
                ? await Engine.PodCommands.RunAsync(cluster, ns, pod, Container, Command, input, Bytes, stop)
                : await Engine.PodCommands.LinesAsync(cluster, ns, pod, Container, Command, input, Line, stop);
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.PodCommandFailed)
        {
            SetExitCode(PodCommands.CodeOf(error));
            throw;
        }
        SetExitCode(code);
        if (code != 0)
            throw new KlException(ErrorIds.PodCommandFailed, KlErrorKind.Failed, pod,
                $"{pod}: {Command[0]} ended with exit code {code}.{($"{errors}" is { Length: > 0 } tail ? "\n" + tail : "")}")
            {
                ExitCode = code,
            };

        void Line(KlPodLine line)
        {
            Write(line);
            if (line.IsError)
                errors.AddLine(line.Line);
        }

        void Bytes(bool isError, ReadOnlyMemory<byte> data)
        {
            var piece = data.ToArray();
            if (isError)
                errors.Add(piece);
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
