using KubeLab.Engine;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Flow;
using KubeLab.Tests.Pipeline;
using RemoteCommand = KubeLab.Engine.Remote.HostCommand;

namespace KubeLab.Tests.Machines;

/// <summary>Stopping machines, and waiting for them.</summary>
public sealed partial class MachineCmdletTests
{
    [Fact]
    public void Machines_are_stopped_by_name_by_lab_and_by_wildcard_and_missing_names_are_reported()
    {
        var engine = Engine();
        Shell.Run("New-KlVm a -Count 2; New-KlVm b", engine);
        Assert.Empty(Shell.Run("Stop-KlVm * -WhatIf", engine).Good<Machine>());
        Assert.All(_docker.Containers, one => Assert.Equal("running", one.Status));

        var run = Shell.Run("Stop-KlVm a-1, none, b*", engine);
        Assert.Equal(["a-1 Stopped", "b-1 Stopped"], run.As<Machine>().Select(one => $"{one.Name} {one.State}").Order());
        Assert.Equal(("MachineNotFound,KubeLab.Cmdlets.Machines.StopKlVm", "none"),
            (Assert.Single(run.Errors).FullyQualifiedErrorId, run.Errors[0].TargetObject));
        Assert.Equal(["a-1", "a-2"], Shell.Run("Start-KlVm A", engine).Good<Machine>().Where(one => one.State == "Running").Select(one => one.Name).Order());
        Assert.Equal(["b-1 Running"], Shell.Run("Get-KlVm b | Restart-KlVm", engine).Good<Machine>().Select(one => $"{one.Name} {one.State}"));
    }

    [Fact]
    public void Wait_KlVm_waits_until_SSH_responds()
    {
        var tries = 0;
        var run = WaitFor("Wait-KlVm lab", (_, _) => ++tries < 4 ? throw new KlException("HostUnreachable", KlErrorKind.Unreachable, "lab-1", "no route")
            : new(0, "", ""));
        Assert.Equal("Running", Assert.Single(run.Good<Machine>()).State);
        Assert.Equal(4, tries);
    }

    [Fact]
    public void Wait_KlVm_does_not_wait_for_a_machine_that_rejects_the_login()
    {
        var tries = 0;
        var error = Assert.Single(WaitFor("Wait-KlVm lab-1", (_, _) =>
        {
            tries++;
            throw new KlException("HostKeyChanged", KlErrorKind.Denied, "lab-1", "another key");
        }).Errors);
        Assert.Equal(("SshFailed,KubeLab.Cmdlets.Machines.WaitKlVm", "lab-1", 1), (error.FullyQualifiedErrorId, error.TargetObject, tries));
        Assert.Contains("another key", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Wait_KlVm_reports_the_last_error_at_its_timeout()
    {
        var error = Assert.Single(WaitFor("Wait-KlVm lab-1 -Timeout 600", (_, _) =>
            throw new KlException("HostUnreachable", KlErrorKind.Unreachable, "lab-1", "no route")).Errors);
        Assert.StartsWith("SshTimeout,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("Waited 600 s", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("no route", error.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Runs a script for lab-1.</summary>
    private ShellResult WaitFor(string script, Func<string, RemoteCommand, CommandResult> answer)
    {
        Shell.Run("New-KlVm lab", Engine());
        return Shell.Run(script, new LabEngine(new FakeHosts(answer), Engine().Providers, new QuickClock()));
    }
}
