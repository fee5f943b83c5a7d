using KubeLab.Engine.Reliability.Faults;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Reliability.Faults;

public sealed class FaultRulesTests
{
    private static readonly Machine Container = new()
    {
        Name = "n1", Lab = "lab", Provider = "Docker", Id = "i", State = "Running", Address = "10.0.0.1",
        Ssh = new("127.0.0.1", 22, "root"), ApiEndpoint = "127.0.0.1:6443", IsContainer = true,
    };

    [Theory]
    [InlineData("NetworkLoss", "NetworkLoss requires -Percent.")]
    [InlineData("NetworkLoss -Percent 0", "-Percent must be more than 0 and at most 100.")]
    [InlineData("NetworkLoss -Percent 100.1", "-Percent must be more than 0 and at most 100.")]
    [InlineData("NetworkDelay", "NetworkDelay requires -Delay.")]
    [InlineData("NetworkDelay -Delay 61s", "-Delay must be more than 0 and at most 1 min.")]
    [InlineData("NetworkDelay -Delay 10ms -Jitter 0", "-Jitter must be more than 0 and at most 1 min.")]
    [InlineData("NetworkLimit -Rate 5", "-Rate must be a number with bit, kbit, mbit or gbit, such as 1mbit.")]
    [InlineData("NetworkLimit -Rate '1mbit; reboot'", "-Rate must be a number with bit, kbit, mbit or gbit, such as 1mbit.")]
    [InlineData("NetworkPartition", "NetworkPartition requires -From.")]
    [InlineData("NetworkPartition -From @()", "-From must be at least one node or pod.")]
    [InlineData("NodeCrash -Percent 5", "-Percent does not apply to NodeCrash.")]
    [InlineData("NodeCrash -For 0", "-For must be from 1 s to 1 h.")]
    [InlineData("NodeCrash -For -5s", "-For must be from 1 s to 1 h.")]
    [InlineData("NodeCrash -For 24h", "-For must be from 1 s to 1 h.")]
    [InlineData("PodKill -For 5s", "PodKill does not last, so -For does not apply.")]
    [InlineData("PodKill -Container x", "-Container does not apply to PodKill.")]
    [InlineData("ServiceStop", "ServiceStop requires -Service.")]
    [InlineData("ServiceStop -Service 'a b'", "-Service must be the name of a systemd unit or of a Kubernetes component.")]
    [InlineData("ServiceStop -Service ../x", "-Service must be the name of a systemd unit or of a Kubernetes component.")]
    [InlineData("DiskFull", "DiskFull requires -Path.")]
    [InlineData("DiskFull -Path tmp", "-Path must be an absolute path without . and ...")]
    [InlineData("DiskFull -Path /a/../b", "-Path must be an absolute path without . and ...")]
    [InlineData("DiskFull -Path /a -Free -1", "-Free must be at least 0.")]
    [InlineData("CpuStress -Cores 0", "-Cores must be from 1 to 1024.")]
    [InlineData("MemoryStress -Memory 0", "-Memory must be more than 0.")]
    [InlineData("ClockSkew -By 0", "-By must be not 0 and at most 10 years.")]
    public void Parameters_are_checked_before_anything_is_asked(string parameters, string message)
    {
        var error = Assert.Single(Shell.Run($"'pod/web' | Start-KlFault {parameters} -Cluster none").Errors);
        Assert.Equal(("FaultParameterInvalid", message), (error.FullyQualifiedErrorId.Split(',')[0], error.Exception.Message));
    }

    [Theory]
    [InlineData("Start-KlFault PodKill web", "InputInvalid")]
    [InlineData("7 | Start-KlFault PodKill", "InputInvalid")]
    [InlineData("Start-KlFault -Kind Nothing pod/web", "CannotConvertArgumentNoMessage")]
    [InlineData("Start-KlFault NodeCrash node/n -For 1d", "ParameterArgumentTransformationError")]
    [InlineData("Start-KlFault NodeCrash node/n -For soon", "ParameterArgumentTransformationError")]
    public void Other_input_is_refused(string command, string id) =>
        Assert.Equal(id, Assert.Single(Shell.Run(command).Errors).FullyQualifiedErrorId.Split(',')[0]);

    [Theory]
    [InlineData(FaultKind.PodKill, "machine", ErrorIds.FaultTargetInvalid)]
    [InlineData(FaultKind.NodeCrash, "pod", ErrorIds.FaultTargetInvalid)]
    [InlineData(FaultKind.ClockSkew, "machine", ErrorIds.FaultUnsupported)]
    [InlineData(FaultKind.NodeCrash, "stopped", ErrorIds.FaultTargetGone)]
    [InlineData(FaultKind.NodeCrash, "machine", ErrorIds.FaultUnsupported)]
    [InlineData(FaultKind.NodeCrash, "foreign", ErrorIds.FaultNeedsMachine)]
    [InlineData(FaultKind.ContainerPause, "foreign pod", ErrorIds.FaultNeedsMachine)]
    [InlineData(FaultKind.ContainerPause, "starting pod", ErrorIds.FaultTargetGone)]
    [InlineData(FaultKind.ContainerPause, "pod on cri-o", ErrorIds.FaultUnsupported)]
    [InlineData(FaultKind.NetworkLoss, "pod on the host network", ErrorIds.FaultTargetInvalid)]
    [InlineData(FaultKind.NetworkLoss, "starting pod", ErrorIds.FaultTargetGone)]
    [InlineData(FaultKind.NetworkPartition, "machine", ErrorIds.FaultParameterInvalid)]
    public void Targets_are_checked(FaultKind kind, string name, string id)
    {
        var target = Targets[name];
        var error = Assert.Throws<KlException>(() => FaultRules.Check(new(kind) { From = [Targets["machine"]] }, target, hasPower: false));
        Assert.Equal(id, error.ErrorId);
        Assert.NotNull(error.NextStep);
    }

    [Theory]
    [InlineData(FaultKind.PodKill, "foreign pod")]
    [InlineData(FaultKind.ContainerPause, "pod")]
    [InlineData(FaultKind.NetworkPartition, "pod")]
    [InlineData(FaultKind.NodePause, "machine")]
    [InlineData(FaultKind.NodeCrash, "machine")]
    public void Valid_targets_are_accepted(FaultKind kind, string name) =>
        FaultRules.Check(new(kind) { From = [Targets["stopped"]] }, Targets[name], hasPower: true);

    private static readonly Dictionary<string, FaultTarget> Targets = new()
    {
        ["machine"] = new() { Name = "n1", Machine = Container, Addresses = ["10.0.0.1"] },
        ["stopped"] = new() { Name = "n2", Machine = Container with { State = "Stopped" }, Addresses = ["10.0.0.2"] },
        ["foreign"] = new() { Name = "n3", Node = "n3", Addresses = ["10.0.0.3"] },
        ["pod"] = Pod(Container, "containerd://" + new string('a', 64)),
        ["foreign pod"] = Pod(null, "containerd://" + new string('a', 64)),
        ["starting pod"] = Pod(Container, null) with { Addresses = [] },
        ["pod on cri-o"] = Pod(Container, "cri-o://" + new string('a', 64)),
        ["pod on the host network"] = Pod(Container, null, isHostNetwork: true),
    };

    private static FaultTarget Pod(Machine? machine, string? id, bool isHostNetwork = false) => new()
    {
        Name = "default/web",
        Machine = machine,
        Addresses = ["10.244.0.2"],
        Pod = new()
        {
            Metadata = new() { Name = "web", NamespaceProperty = "default" },
            Spec = new() { Containers = [new() { Name = "web" }], HostNetwork = isHostNetwork },
            Status = new() { ContainerStatuses = [new() { Name = "web", ContainerID = id }] },
        },
    };
}
