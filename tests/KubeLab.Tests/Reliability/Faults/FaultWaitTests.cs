using KubeLab.Tests.Flow;
using KubeLab.Tests.Kube;

namespace KubeLab.Tests.Reliability.Faults;

/// <summary>-Wait: the end of a fault and the recovery of its target.</summary>
public sealed class FaultWaitTests
{
    [Fact]
    public async Task After_a_crash_the_pods_that_were_ready_have_new_containers_and_the_others_are_not_awaited()
    {
        using var lab = new FaultLab { Clock = new QuickClock() };
        var machine = Assert.Single(lab.Create(1));
        await using var api = await FakeApi.StartAsync();
        var node = $$$"""
            {"kind":"Node","apiVersion":"v1","metadata":{"name":"{{{machine.Name}}}"},"spec":{},"status":{
             "addresses":[{"type":"InternalIP","address":"{{{machine.Address}}}"}],"conditions":[{"type":"Ready","status":"True"}]}}
            """;
        api.On("GET /api/v1/nodes", FakeApi.Json(List("Node", node)))
            .On("GET /api/v1/nodes/lab-1", FakeApi.Json(node), FakeApi.Json(node))
            // The kubelet reports the containers from before the crash, then those that it has started.
            .On("GET /api/v1/pods", FakeApi.Json(List("Pod", Pod("web", "1", true), Pod("bad", "1", false))),
                FakeApi.Json(List("Pod", Pod("web", "1", true), Pod("bad", "1", false))),
                FakeApi.Json(List("Pod", Pod("web", "2", true), Pod("bad", "1", false))));

        var fault = Assert.Single(lab.RunWith(api, "Get-KlVm lab | Start-KlFault NodeCrash -For 20s -Wait").Good<KlFault>());

        Assert.Equal((FaultState.Ended, fault.Ends), (fault.State, fault.Ended));
        Assert.True(fault.Recovery > TimeSpan.Zero);
    }

    [Fact]
    public void The_recovery_of_a_crashed_virtual_machine_includes_its_boot()
    {
        var clock = new QuickClock();
        using var lab = new FaultLab { Clock = clock, Provider = new FakeVms(FakeVms.Vm) };
        DateTimeOffset? crashed = null;
        var health = 0;
        lab.Script = (name, script) =>
        {
            if (script.Contains("PROGRAM=", StringComparison.Ordinal))
            {
                crashed = clock.GetUtcNow();
                return "::changed started the fault\n";
            }
            // It boots for three minutes after the fault. The first answer is from before the crash.
            if (crashed is { } time && clock.GetUtcNow() < time.AddSeconds(200))
                throw FaultLab.Silent(name);
            return script.Contains("boot_id", StringComparison.Ordinal) ? $"::fact boot={(crashed is null || health++ == 0 ? "a" : "b")}\n" : "";
        };

        var fault = Assert.Single(lab.Run("Get-KlVm vm | Start-KlFault NodeCrash -For 20s -Wait").Good<KlFault>());

        Assert.Equal(fault.Ends, fault.Ended);
        Assert.InRange(fault.Recovery!.Value.TotalSeconds, 180, 190);
        // The first one had the identifier of the old start.
        Assert.Equal(2, health);
    }

    [Fact]
    public void A_target_that_does_not_recover_is_an_error_with_the_reason()
    {
        using var lab = new FaultLab { Clock = new QuickClock() };
        lab.Create(1);
        lab.Script = (_, script) => script.Contains("boot_id", StringComparison.Ordinal) ? "::fact problem=the kubelet does not answer\n" : "";
        var error = Assert.Single(lab.Run("Get-KlVm lab | Start-KlFault CpuStress -For 1s -Wait -Timeout 60").Errors);
        Assert.StartsWith("FaultRecoveryTimeout,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("the kubelet does not answer", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fault_that_stays_active_is_an_error()
    {
        using var lab = new FaultLab { Clock = new QuickClock() };
        lab.Create(1);
        var id = "";
        lab.Script = (_, script) =>
        {
            if (script.Contains("PROGRAM=", StringComparison.Ordinal))
                id = FaultLab.Value(script, "ID");
            return script.Contains("END=", StringComparison.Ordinal) ? FaultLab.Active(id, FaultKind.CpuStress) : "";
        };
        Assert.StartsWith("FaultNotEnded,", Assert.Single(lab.Run("Get-KlVm lab | Start-KlFault CpuStress -For 1s -Wait").Errors).FullyQualifiedErrorId,
            StringComparison.Ordinal);
    }

    private static string Pod(string name, string container, bool isReady) => $$"""
        {"kind":"Pod","apiVersion":"v1","metadata":{"name":"{{name}}","namespace":"default","uid":"{{name}}"},"spec":{"containers":[{"name":"main"}]},
         "status":{"phase":"Running","conditions":[{"type":"Ready","status":"{{(isReady ? "True" : "False")}}"}],
          "containerStatuses":[{"name":"main","containerID":"containerd://{{container}}","image":"i","imageID":"i","ready":true,"restartCount":0}] }
        }
        """;

    private static string List(string kind, params string[] items) =>
        $$"""{"kind":"{{kind}}List","apiVersion":"v1","metadata":{},"items":[{{string.Join(',', items)}}]}""";
}
