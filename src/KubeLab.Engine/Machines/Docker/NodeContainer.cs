using System.Globalization;
using System.Net;
using System.Text.Json;

namespace KubeLab.Engine.Machines.Docker;

/// <summary>A container from "docker container inspect", and the machine data in its labels.</summary>
/// <remarks>Engine API, ContainerInspect: Id, Name, Created, State.Status, State.ExitCode, Config.Labels.</remarks>
internal sealed record NodeContainer(string Id, string Name, DateTimeOffset Created, NodeContainer.ContainerState State, NodeContainer.ContainerConfig Config)
{
    /// <summary>The label of KubeLab's containers and networks, and its value for machines.</summary>
    public const string Mark = "org.kubelab", MachineMark = "machine";

    internal const string LabLabel = "org.kubelab.lab", MachineLabel = "org.kubelab.machine", AddressLabel = "org.kubelab.address",
        HostLabel = "org.kubelab.host",
        SshLabel = "org.kubelab.ssh-port", ApiLabel = "org.kubelab.api-port", ProfileLabel = "org.kubelab.profile", ImageLabel = "org.kubelab.image";

    internal sealed record ContainerState(string Status, int ExitCode = 0);

    internal sealed record ContainerConfig(IReadOnlyDictionary<string, string>? Labels);

    /// <summary>Parses the output of inspect.</summary>
    public static IReadOnlyList<NodeContainer> Parse(string json) => JsonSerializer.Deserialize<List<NodeContainer>>(json) ?? [];

    /// <summary>Whether the container is a machine of KubeLab.</summary>
    public bool IsMachine => Label(Mark) == MachineMark;

    /// <summary>The lab.</summary>
    public string Lab => Label(LabLabel);

    /// <summary>The machine's own address and ports.</summary>
    public NodeAddress Address => new(IPAddress.Parse(Label(AddressLabel)), Label(HostLabel), Number(SshLabel), Number(ApiLabel));

    /// <summary>The profile it was created with, from <see cref="NodeProfile.ToString"/>.</summary>
    public string Profile => Label(ProfileLabel);

    /// <summary>The base image. Machines of older versions do not have this label.</summary>
    public string Image => Label(ImageLabel) is { Length: > 0 } image ? image : NodeImage.DefaultBase;

    /// <summary>Converts the container to a machine.</summary>
    public Machine ToMachine(LabKeys keys)
    {
        var (name, place) = (Name.TrimStart('/'), Address);
        return new()
        {
            Name = name,
            Lab = Lab,
            Provider = DockerProvider.ProviderName,
            Id = Id,
            State = State.Status == "exited" ? "Stopped" : CultureInfo.InvariantCulture.TextInfo.ToTitleCase(State.Status),
            Address = $"{place.Address}",
            Ssh = keys.Endpoint(Lab, name, place.Host, place.SshPort),
            ApiEndpoint = $"{place.Host}:{place.ApiPort}",
            Image = Image,
            Created = Created,
            IsContainer = true,
        };
    }

    private string Label(string name) => Config.Labels?.GetValueOrDefault(name) ?? "";

    private int Number(string name) => int.Parse(Label(name), CultureInfo.InvariantCulture);
}
