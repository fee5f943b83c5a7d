using KubeLab.Tests.Kube;
using KubeLab.Tests.Pipeline;
using Microsoft.Extensions.Time.Testing;

namespace KubeLab.Tests.Reliability.Faults;

/// <summary>What ends a fault before its time: Stop-KlFault, Ctrl+C, an error beside a load, and the answer to a question.</summary>
public sealed class FaultEndTests : IDisposable
{
    private readonly FaultLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void A_machine_that_does_not_answer_is_asked_through_its_container()
    {
        _lab.Create(1);
        _lab.Script = (name, _) => throw FaultLab.Silent(name);
        var ended = "";
        _lab.Docker.Script = (_, script) =>
        {
            ended += FaultLab.Value(script, "END");
            return ended.Length > 0 ? "" : FaultLab.Active("01234567", FaultKind.NodePause);
        };
        var fault = Assert.Single(_lab.Run("Get-KlFault").Good<KlFault>());
        Assert.Equal((FaultKind.NodePause, FaultState.Active), (fault.Kind, fault.State));
        Assert.Equal(FaultState.Ended, Assert.Single(_lab.Run("Stop-KlFault NodePause").Good<KlFault>()).State);
        Assert.Equal("01234567", ended);
    }

    [Theory]
    [InlineData("NodePause", 1)]
    [InlineData("CpuStress", 0)]
    public void A_paused_server_that_does_not_answer_is_restarted(string kind, int resets)
    {
        var cloud = new FakeCloudVms(FakeVms.Vm);
        using var lab = new FaultLab { Provider = cloud };
        var scripts = 0;
        lab.Script = (name, _) => scripts++ == 0 ? "::changed started the fault\n" : throw FaultLab.Silent(name);
        var result = lab.Run($"Get-KlVm vm | Start-KlFault {kind} | Stop-KlFault");
        Assert.Equal((resets, resets), (cloud.Resets, result.Output.Count));
        Assert.Equal(1 - resets, result.Errors.Count);
    }

    [Fact]
    public void The_faults_of_a_silent_machine_are_not_known()
    {
        using var lab = new FaultLab { Provider = new FakeVms(FakeVms.Vm) };
        lab.Script = (name, _) => throw FaultLab.Silent(name);
        var result = lab.Run("Get-KlFault");
        Assert.Empty(result.Good<KlFault>());
        Assert.Equal("vm-1: its faults are not known: vm-1 does not answer.", Assert.Single(result.Warnings));
        var error = Assert.Single(lab.Run("Get-KlVm vm | Start-KlFault CpuStress").Errors);
        Assert.StartsWith("HostUnreachable,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void The_power_is_restored_by_another_command_if_the_process_that_should_do_it_was_killed()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var lab = new FaultLab { Clock = clock };
        lab.Create(1);
        lab.Run("Get-KlVm lab | Start-KlFault NodeCrash -For 20s").Good<KlFault>();
        clock.Advance(TimeSpan.FromSeconds(24));
        Assert.Single(lab.Run("Get-KlFault").Good<KlFault>());
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(lab.Run("Get-KlFault").Good<KlFault>());
        Assert.Equal("running", lab.Docker.Containers.Single().Status);
        Assert.Empty(lab.Docker.Volumes);
    }

    [Fact]
    public void Ctrl_C_ends_the_faults_that_were_started_while_another_one_starts()
    {
        _lab.Create(2);
        var gates = new Gates();
        _lab.Before = (name, _, stop) =>
        {
            if (name == "lab-1")
                return Task.CompletedTask;
            gates.Open("second");
            return Task.Delay(Timeout.Infinite, stop);
        };
        var variables = new Dictionary<string, object?>
        {
            ["work"] = (Work)((fault, _, _) =>
            {
                gates.Open(fault);
                return Task.FromResult<object?>(null);
            }),
        };
        var result = _lab.Run("Get-KlVm lab | Start-KlFault CpuStress -For 10m | Test-KlWork -Work $work", variables, async shell =>
        {
            await Task.WhenAll(gates.Of("CpuStress of lab-1"), gates.Of("second")).WaitAsync(Gates.Timeout);
            shell.Stop();
        });
        Assert.Empty(result.Errors);
        // It is not known whether the second one is in force.
        Assert.Equal(["lab-1", "lab-2"], _lab.Ended.Select(one => one.Split(' ')[0]).Order());
    }

    [Fact]
    public void Ctrl_C_in_a_later_command_of_the_pipeline_ends_the_faults()
    {
        _lab.Create(1);
        var gates = new Gates();
        var variables = new Dictionary<string, object?>
        {
            ["work"] = (Work)(async (_, _, stop) =>
            {
                gates.Open("work");
                await Task.Delay(Timeout.Infinite, stop);
                return null;
            }),
        };
        var result = _lab.Run("Get-KlVm lab | Start-KlFault CpuStress -For 10m | Test-KlWork -Work $work", variables, async shell =>
        {
            await gates.Of("work").WaitAsync(Gates.Timeout);
            shell.Stop();
        });
        Assert.Empty(result.Errors);
        Assert.StartsWith("lab-1 ", Assert.Single(_lab.Ended), StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_beside_a_load_ends_the_faults_of_the_script()
    {
        using var server = new ControlledServer(ControlledServer.Answer(200));
        _lab.Create(1);
        var result = _lab.Run("""
            $ErrorActionPreference = 'Stop'
            $url | Measure-KlAvailability -Rate 100 -Duration 0.2 -WarmUp 0 -During { Get-KlVm lab | Start-KlFault CpuStress -For 10m; throw 'broken' }
            """, new Dictionary<string, object?> { ["url"] = server.Url });
        Assert.Equal("broken", Assert.Single(result.Errors).ToString());
        var fault = Assert.Single(Assert.IsType<KlAvailability>(Assert.Single(result.Output)).Faults);
        Assert.Equal(FaultState.Ended, fault.State);
        Assert.Equal($"lab-1 {fault.Id}", Assert.Single(_lab.Ended));
    }

    [Theory]
    [InlineData("", 0, 2)]
    [InlineData("", 1, 0)]
    [InlineData("-Confirm:$false", null, 2)]
    [InlineData("-Force", null, 2)]
    public async Task Faults_of_all_control_planes_ask_once(string parameters, int? choice, int started)
    {
        var machines = _lab.Create(2);
        await using var api = await FakeApi.StartAsync();
        var nodes = FakeApi.Json($$"""{"kind":"NodeList","apiVersion":"v1","metadata":{},"items":[{{string.Join(',', machines.Select(one => $$$"""
            {"metadata":{"name":"{{{one.Name}}}","labels":{"node-role.kubernetes.io/control-plane":""}},"spec":{},
             "status":{"addresses":[{"type":"InternalIP","address":"{{{one.Address}}}"}]}}
            """))}}]}""");
        api.On("GET /api/v1/nodes", nodes, nodes);
        var questions = new List<string>();
        var result = _lab.RunWith(api, $"Get-KlVm lab | Start-KlFault NodePause {parameters}", question =>
        {
            questions.Add(question);
            return choice!.Value;
        });
        Assert.Equal(started, result.Good<KlFault>().Count);
        Assert.Equal(choice is null ? [] : ["lab-1, lab-2 are all control planes of lab. The cluster stops for the time of the fault."], questions);
    }

    [Fact]
    public async Task A_target_that_does_not_exist_does_not_keep_other_faults_from_starting()
    {
        await using var api = await FakeApi.StartAsync();
        var none = FakeApi.Json("""{"kind":"NodeList","apiVersion":"v1","metadata":{},"items":[]}""");
        api.On("GET /api/v1/nodes", none, none);
        _lab.Create(1);
        var result = _lab.RunWith(api, "'node/missing', (Get-KlVm lab) | Start-KlFault CpuStress");
        Assert.StartsWith("NodeNotFound,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("lab-1", Assert.Single(result.Output.Cast<KlFault>()).Target);
    }
}
