using System.Management.Automation;
using KubeLab.Engine.Remote;
using KubeLab.Pipeline;
using RemoteCommand = KubeLab.Engine.Remote.HostCommand;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Runs a bash command on machines in parallel.</summary>
/// <remarks>Writes each line of output as it arrives. The command is sent on standard input and is not visible in the process list. An exit code other than
/// 0 is an error for that machine (CommandFailed), with the end of the output and, in $Error[0].Exception.ExitCode, the exit code; the other machines
/// continue. $LASTEXITCODE is the exit code, with several machines that of one that failed. The command has no time-out. Ctrl+C also stops the command on the
/// machines.</remarks>
/// <example>Show the uptime of the machines of a lab
/// <code>Get-KlVm kubernetes | Invoke-KlVmCommand uptime</code></example>
/// <example>Pass an argument with spaces as $1
/// <code>Get-KlVm | Invoke-KlVmCommand 'ls -l "$1"' -ArgumentList '/etc/a name with blanks'</code></example>
[Cmdlet(VerbsLifecycle.Invoke, "KlVmCommand", SupportsShouldProcess = true)]
[OutputType(typeof(MachineLine))]
public sealed class InvokeKlVmCommand : KlCmdlet
{
    private readonly Lock _ending = new();
    private int _exitCode;

    /// <summary>The bash command. It can have several lines.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Command { get; set; } = "";

    /// <summary>The machines.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public Machine[] Vm { get; set; } = [];

    /// <summary>Arguments for the command, available as $1, $2, ... Do not pass secrets: arguments are visible in the process list.</summary>
    [Parameter]
    public string[] ArgumentList { get; set; } = [];

    /// <summary>User name and password for the login. Default: the lab's user and key.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var vm in Vm)
            if (ShouldProcess(vm.Name, "Invoke-KlVmCommand"))
                Start(vm.Name, (_, stop) => RunAsync(vm, stop));
    }

    private async Task RunAsync(Machine vm, CancellationToken stop)
    {
        var endpoint = Credential is null ? vm.Ssh
            : vm.Ssh.As(Credential.GetNetworkCredential());
        await using var host = Engine.Hosts.Open(vm.Name, endpoint);
        // bash reads the group completely before it runs it, so a program in it cannot consume the rest of standard input.
        var command = RemoteCommand.Bash($"{{ {Command}\n}} </dev/null\n", ArgumentList) with
        {
            Output = line => Write(new MachineLine(vm.Name, line.Text, line.IsError)),
        };
        var result = await host.RunAsync(command, stop);
        lock (_ending)
            SetExitCode(_exitCode = result.ExitCode == 0 ? _exitCode : result.ExitCode);
        if (result.ExitCode != 0)
            throw Hosts.Failure(vm.Name, new RemoteCommand("bash"), result);
    }
}
