using System.Globalization;
using System.Net;
using System.Text.Json;

namespace KubeLab.Engine.Machines.Docker;

/// <summary>A container as "docker container inspect" shows it, and what its labels say of the machine it is.</summary>
/// <remarks>Engine API, ContainerInspect: Id, Name, Created, State.Status, Config.Labels.</remarks>
internal sealed record NodeContainer(string Id, string Name, DateTimeOffset Created, NodeContainer.ContainerState State, NodeContainer.ContainerConfig Config)
{
    /// <summary>The label that marks what is ours, and its value on machines.</summary>
    public const string Mark = "org.kubelab", MachineMark = "machine";

    internal const string LabLabel = "org.kubelab.lab", MachineLabel = "org.kubelab.machine", AddressLabel = "org.kubelab.address", HostLabel = "org.kubelab.host",
        SshLabel = "org.kubelab.ssh-port", ApiLabel = "org.kubelab.api-port", ProfileLabel = "org.kubelab.profile", ImageLabel = "org.kubelab.image";

    internal sealed record ContainerState(string Status);

    internal sealed record ContainerConfig(IReadOnlyDictionary<string, string>? Labels);

    /// <summary>Reads what inspect printed.</summary>
    public static IReadOnlyList<NodeContainer> Parse(string json) => JsonSerializer.Deserialize<List<NodeContainer>>(json) ?? [];

    /// <summary>Whether it is a machine of KubeLab.</summary>
    public bool IsMachine => Label(Mark) == MachineMark;

    /// <summary>Its lab.</summary>
    public string Lab => Label(LabLabel);

    /// <summary>Where it is, which no other machine is.</summary>
    public NodeAddress Place => new(IPAddress.Parse(Label(AddressLabel)), Label(HostLabel), Number(SshLabel), Number(ApiLabel));

    /// <summary>The profile it was made with, as <see cref="NodeProfile.ToString"/> wrote it.</summary>
    public string Profile => Label(ProfileLabel);

    /// <summary>The image that its own was built on; machines of older versions do not say.</summary>
    public string Image => Label(ImageLabel) is { Length: > 0 } image ? image : NodeImage.DefaultBase;

    /// <summary>The machine that it is.</summary>
    public Machine ToMachine(LabKeys keys)
    {
        var (name, place) = (Name.TrimStart('/'), Place);
        return new()
        {
            Name = name,
            Lab = Lab,
            Provider = DockerProvider.ProviderName,
            Id = Id,
            State = State.Status == "exited" ? "Stopped" : CultureInfo.InvariantCulture.TextInfo.ToTitleCase(State.Status),
            Address = place.Address,
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
