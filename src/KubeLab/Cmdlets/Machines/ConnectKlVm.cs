using System.ComponentModel;
using System.Diagnostics;
using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Opens an interactive SSH session on a machine.</summary>
/// <remarks>Runs OpenSSH's ssh command with the lab's key and the pinned host key. The exit code of ssh is in $LASTEXITCODE.</remarks>
/// <example>Open a shell on the second machine
/// <code>Connect-KlVm kubernetes-2</code></example>
/// <example>Run a program that needs a terminal
/// <code>Connect-KlVm kubernetes-1 -ArgumentList '-t', 'htop'</code></example>
[Cmdlet(VerbsCommunications.Connect, "KlVm", DefaultParameterSetName = "Name")]
[OutputType(typeof(void))]
public sealed class ConnectKlVm : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>The machine's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name")]
    [ArgumentCompleter(typeof(MachineCompleter))]
    public string Name { get; set; } = "";

    /// <summary>The machine.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Vm")]
    public Machine? Vm { get; set; }

    /// <summary>Additional arguments for ssh: options, then a command.</summary>
    [Parameter]
    public string[] ArgumentList { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            CurrentFolder.Path = SessionState.Path.CurrentFileSystemLocation.ProviderPath;
            var vm = Vm ?? Task.Run(() => Engine.LabEngine.Shared.MachineAsync(Name, _stop.Token)).GetAwaiter().GetResult();
            var start = new ProcessStartInfo("ssh");
            var options = ArgumentList.TakeWhile(argument => argument.StartsWith('-')).ToArray();
            foreach (var argument in (string[])[.. options, .. SshCommandLine.Arguments(vm.Ssh), .. ArgumentList[options.Length..]])
                start.ArgumentList.Add(argument);
            using var ssh = Process.Start(start)!;
            using var stopped = _stop.Token.Register(ssh.Kill);
            ssh.WaitForExit();
            SessionState.PSVariable.Set(new PSVariable("global:LASTEXITCODE", ssh.ExitCode));
        }
        catch (KlException error)
        {
            WriteError(Pipeline.ErrorRecords.Record(error, Vm ?? (object)Name));
        }
        catch (Win32Exception error)
        {
            WriteError(Pipeline.ErrorRecords.Record(new KlException(ErrorIds.SshNotInstalled, KlErrorKind.NotInstalled, "ssh",
                $"ssh cannot be started: {error.Message}", "Install the OpenSSH client.", error), "ssh"));
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stop.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();
}
