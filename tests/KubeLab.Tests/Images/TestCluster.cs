
namespace KubeLab.Tests.Images;

/// <summary>A cluster of one machine, to which no test connects.</summary>
internal static class TestCluster
{
    public static KlCluster Named(string name)
    {
        var machine = new Machine
        {
            Name = name + "-1",
            Lab = name,
            Provider = "Docker",
            Id = "1",
            State = "Running",
            Address = "10.77.1.1",
            Ssh = new("127.0.0.1", 22, "root"),
            ApiEndpoint = "127.0.0.1:6443",
        };
        return new() { Name = name, Context = "kubelab-" + name, Server = new("https://127.0.0.1:6443"), ControlPlane = machine, Machines = [machine] };
    }
}
