using System.Diagnostics;
using KubeLab.Engine;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Machines.Docker;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Reliability.Faults;

public sealed class FaultCmdletTests : IDisposable
{
    private const string Gone = """{"kind":"Status","code":404,"reason":"NotFound"}""";
    private readonly Folder _folder = new();
    private readonly FakeEngine _docker = new();
    private readonly List<string> _scripts = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_crash_is_armed_before_the_power_is_cut_and_found_by_another_session()
    {
        Shell.Run("New-KlVm lab", Engine()).Good<Machine>();
        _docker.Calls.Clear();
        var fault = Assert.Single(Shell.Run("Get-KlVm lab | Start-KlFault NodeCrash -For 20s", Engine()).Good<KlFault>());
        var calls = _docker.Calls.ToList();
        Assert.Equal(("NodeCrash of lab-1", FaultState.Active, TimeSpan.FromSeconds(20)), (fault.ToString(), fault.State, fault.Ends - fault.Started));
        Assert.Equal(TimeSpan.FromSeconds(20), Assert.Single(_docker.DelayedStarts).Delay);
        Assert.True(calls.FindIndex(call => call.StartsWith("volume create", StringComparison.Ordinal))
            < calls.FindIndex(call => call.StartsWith("kill", StringComparison.Ordinal)));
        Assert.Equal("exited", _docker.Containers.Single().Status);

        Assert.Equal(fault.Id, Assert.Single(Shell.Run("Get-KlFault", Engine()).Good<KlFault>()).Id);
        Assert.Equal(FaultState.Ended, Assert.Single(Shell.Run("Stop-KlFault NodeCrash", Engine()).Good<KlFault>()).State);
        Assert.Equal("running", _docker.Containers.Single().Status);
        Assert.Empty(Shell.Run("Get-KlFault", Engine()).Good<KlFault>());
    }

    [Fact]
    public void WhatIf_describes_a_fault_and_changes_nothing()
    {
        Shell.Run("New-KlVm lab", Engine()).Good<Machine>();
        var result = Shell.Run("Get-KlVm lab | Start-KlFault CpuStress -Cores 2 -For 1m -WhatIf", Engine());
        Assert.Empty(result.Good<KlFault>());
        Assert.Contains("\"CpuStress (2 cores) for 60 s\" on target \"lab-1\"", result.Screen, StringComparison.Ordinal);
        Assert.Empty(_scripts);
    }

    [Fact]
    public void A_fault_is_one_script_with_quoted_parameters()
    {
        Shell.Run("New-KlVm lab", Engine()).Good<Machine>();
        var fault = Assert.Single(Shell.Run("Get-KlVm lab | Start-KlFault DiskFull -Path \"/it's\" -Free 5 -For 90s", Engine()).Good<KlFault>());
        var script = Assert.Single(_scripts);
        Assert.Contains($"ID='{fault.Id}'\nDURATION='90'\n", script, StringComparison.Ordinal);
        // Quoted for the starting script, and again for the file that it writes.
        Assert.Contains(@"FAULT_FOLDER='\''/it'\''\'\'''\''s'\''", script, StringComparison.Ordinal);
    }

    [Fact]
    public void Active_faults_are_read_from_the_machines_and_other_lines_are_ignored()
    {
        Shell.Run("New-KlVm lab", Engine()).Good<Machine>();
        var faults = Shell.Run("Get-KlFault", Engine("""
            ::fact 0123abcd=active 5.25 DnsFailure	30	lab		default/web
            ::fact 89abcdef=failed 61.00 NetworkLoss	60		10 %	lab-1
            ::fact ../../etc=active 1 DnsFailure	30	lab		x
            ::fact 11111111=active 1 NoSuchKind	30	lab		x
            ::fact 22222222=active -1 DnsFailure	30	lab		x
            ::fact 33333333=active 1 DnsFailure	1e99	lab		x
            ::fact 44444444=nothing
            """)).Good<KlFault>();
        Assert.Equal([("NetworkLoss", "lab-1", "10 %", null, FaultState.Unknown), ("DnsFailure", "default/web", "", "lab", FaultState.Active)],
            faults.Select(one => (one.Kind.ToString(), one.Target, one.Detail, one.Cluster, one.State)));
        Assert.Equal(30, (faults[1].Ends - faults[1].Started).TotalSeconds);
    }

    [Fact]
    public void A_fault_that_does_not_start_shows_the_reason_of_the_machine()
    {
        Shell.Run("New-KlVm lab", Engine()).Good<Machine>();
        var error = Assert.Single(Shell.Run("Get-KlVm lab | Start-KlFault NetworkDelay -Delay 1s",
            Engine("::error FaultUnsupported its kernel does not support the queueing discipline 'netem'", 1)).Errors);
        Assert.StartsWith("FaultUnsupported,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("lab-1: its kernel does not support the queueing discipline 'netem'", error.Exception.Message);
    }

    [Fact]
    public void A_connection_that_is_lost_at_the_start_reports_that_the_fault_may_be_active()
    {
        Shell.Run("New-KlVm lab", Engine()).Good<Machine>();
        var hosts = new FakeHosts((_, _) => throw new KlException(ErrorIds.ConnectionLost, KlErrorKind.Unreachable, "lab-1", "lost"));
        var result = Shell.Run("Get-KlVm lab | Start-KlFault CpuStress", Engine(hosts));
        Assert.StartsWith("ConnectionLost,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("may be active until", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_that_crashes_after_it_reported_the_start_has_started_the_fault()
    {
        Shell.Run("New-KlVm lab", Engine()).Good<Machine>();
        var hosts = new FakeHosts((_, command) =>
        {
            command.Output?.Invoke(new("::changed started the fault 01234567", false));
            throw new KlException(ErrorIds.ConnectionLost, KlErrorKind.Unreachable, "lab-1", "lost");
        });
        Assert.Equal(FaultState.Active, Assert.Single(Shell.Run("Get-KlVm lab | Start-KlFault NodePause", Engine(hosts)).Good<KlFault>()).State);
    }

    [Fact]
    public async Task A_pod_is_deleted_without_grace_and_its_replacement_is_awaited()
    {
        await using var api = await FakeApi.StartAsync();
        api.On("GET /api/v1/namespaces/default/pods/web-1", FakeApi.Json(Pod("web-1", "a", true)),
                FakeApi.Json(Gone, 404), FakeApi.Json(Gone, 404))
            // The clock of the cluster is not that of this computer: the replacement seems to be old, and another replica seems to be new.
            .On("GET /api/v1/namespaces/default/pods", FakeApi.Json(List(Pod("web-1", "a", true), Pod("other", "o", true))),
                FakeApi.Json(List(Pod("other", "o", true), Pod("web-2", "b", false))), FakeApi.Json(List(Pod("other", "o", true), Pod("web-2", "b", true))))
            .On("DELETE /api/v1/namespaces/default/pods/web-1", FakeApi.Json("{}"));

        var fault = Assert.Single(Kubectl.Run(api, "Start-KlFault PodKill pod/web-1 -Wait", TimeProvider.System).Good<KlFault>());

        Assert.Equal(("default/web-1", FaultState.Ended), (fault.Target, fault.State));
        Assert.True(fault.Recovery > TimeSpan.Zero);
        Assert.Contains(api.Bodies, body => body.Text.Contains("\"gracePeriodSeconds\":0,\"preconditions\":{\"uid\":\"a\"}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_killed_shell_does_not_keep_a_container_from_being_started_later()
    {
        var log = Path.Combine(_folder.Path, "log");
        var docker = Path.Combine(_folder.Path, "docker");
        await File.WriteAllTextAsync(docker, $"#!/bin/sh\necho \"$@\" >>{log}\n[ \"$2\" != inspect ] || echo T0\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(docker, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        foreach (var (id, started) in new[] { ("same", "T0"), ("restarted", "T1") })
            await new DockerCli(TimeProvider.System, docker).StartLaterAsync(new(id, started, "v-" + id), TimeSpan.FromMilliseconds(1), default);
        string[] calls = [];
        for (var clock = Stopwatch.StartNew(); !calls.Contains("volume rm v-same") || !calls.Contains("volume rm v-restarted"); await Task.Delay(10))
        {
            Assert.True(clock.Elapsed < Gates.Timeout, string.Join('\n', calls));
            calls = File.Exists(log) ? await File.ReadAllLinesAsync(log) : [];
        }
        Assert.Contains("start same", calls);
        Assert.DoesNotContain("start restarted", calls);
    }

    private LabEngine Engine(string output = "", int exit = 0) => Engine(new FakeHosts((_, command) =>
    {
        if (command.Program == "bash")
            _scripts.Add(System.Text.Encoding.UTF8.GetString(command.Input!.Value.Span));
        return command.Program == "bash" ? new(exit, output, "") : new(0, "running\n", "");
    }));

    private LabEngine Engine(FakeHosts hosts) =>
        new(hosts, [new DockerProvider(_docker, FakeHosts.Up(), new(_folder.Path, TimeProvider.System), TimeProvider.System)], TimeProvider.System);

    private static string Pod(string name, string uid, bool isReady) => $$"""
        {"kind":"Pod","apiVersion":"v1","metadata":{"name":"{{name}}","namespace":"default","uid":"{{uid}}",
         "creationTimestamp":"{{(uid == "o" ? "2099-01-01T00:00:00Z" : "2020-01-01T00:00:00Z")}}",
         "ownerReferences":[{"kind":"ReplicaSet","name":"web","uid":"r","apiVersion":"apps/v1","controller":true}]},
         "spec":{"nodeName":"n","containers":[{"name":"web"}]},
         "status":{"phase":"Running","podIP":"10.244.0.2","conditions":[{"type":"Ready","status":"{{(isReady ? "True" : "False")}}"}] }
        }
        """;

    private static string List(params string[] pods) => $$"""{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[{{string.Join(',', pods)}}]}""";
}
