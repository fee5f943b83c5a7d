using System.Management.Automation;
using KubeLab.Engine.Remote;
using KubeLab.Pipeline;
using RemoteCommand = KubeLab.Engine.Remote.HostCommand;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Runs a bash command on machines, on all at once, and writes each line they print as it comes.</summary>
/// <remarks>The command travels on standard input and never stands in an argument list. One that ends with another exit code than 0
/// is an error about its machine (CommandFailed); the other machines go on. There is no time limit; Ctrl+C ends it on the machines too.</remarks>
/// <example><summary>How long the machines of a lab have been up.</summary><code>Get-KlVm kubernetes | Invoke-KlVmCommand uptime</code></example>
/// <example><summary>Arguments arrive as $1, $2, ... and are never taken apart.</summary><code>Get-KlVm | Invoke-KlVmCommand 'ls -l "$1"' -ArgumentList '/etc/a name with blanks'</code></example>
[Cmdlet(VerbsLifecycle.Invoke, "KlVmCommand", SupportsShouldProcess = true)]
[OutputType(typeof(MachineLine))]
public sealed class InvokeKlVmCommand : KlCmdlet
{
    /// <summary>What bash shall run; several lines are welcome.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Command { get; set; } = "";

    /// <summary>The machines.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public Machine[] Vm { get; set; } = [];

    /// <summary>What the command finds in $1, $2, ... Never a secret: arguments can be seen on the machine.</summary>
    [Parameter]
    public string[] ArgumentList { get; set; } = [];

    /// <summary>Log in as somebody else, with a password.</summary>
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
        // bash reads the group whole before it runs it, so that what reads standard input in it does not eat the rest.
        var command = RemoteCommand.Bash($"{{ {Command}\n}} </dev/null\n", ArgumentList) with
        {
            Output = line => Write(new MachineLine(vm.Name, line.Text, line.IsError)),
        };
        var result = await host.RunAsync(command, stop);
        if (result.ExitCode != 0)
            throw Hosts.Failure(vm.Name, new RemoteCommand("bash"), result);
    }
}
