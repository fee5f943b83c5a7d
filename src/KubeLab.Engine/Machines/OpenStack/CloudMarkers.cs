using System.Globalization;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>Identifies KubeLab's resources: by the description, which Neutron sets when it creates the resource, and by a server's metadata.</summary>
/// <remarks>Tags need a second request. A process killed between the two would leave an unmarked resource.</remarks>
internal static class CloudMarkers
{
    /// <summary>The metadata key of the lab.</summary>
    public const string LabKey = "org.kubelab.lab";

    private const string Mark = "kubelab: ";

    /// <summary>The name of a lab's shared resources: network, subnet, router, security group, key pair, server group.</summary>
    public static string Name(string lab) => $"kubelab-{lab}";

    /// <summary>The description of a lab's shared resources.</summary>
    public static string OfLab(string lab) => Mark + lab;

    /// <summary>The description of a machine's own resources: its port and its floating IP.</summary>
    public static string OfMachine(string lab, string machine) => $"{Mark}{lab}/{machine}";

    /// <summary>Parses a description: the lab, and the machine if the resource belongs to one. Null if KubeLab did not create it.</summary>
    public static (string Lab, string? Machine)? Read(string description) =>
        !description.StartsWith(Mark, StringComparison.Ordinal) ? null
        : description[Mark.Length..].Split('/') is [var lab, .. var rest] && rest.Length <= 1 ? (lab, rest.FirstOrDefault()) : null;

    /// <summary>The lab of a server. Null if KubeLab did not create it.</summary>
    public static string? Lab(Server server) => server.Metadata.GetValueOrDefault(LabKey);

    /// <summary>The number at the end of a machine's name, for example 3 in kubernetes-3. Default: 1.</summary>
    public static int Number(string machine) =>
        int.TryParse(machine[(machine.LastIndexOf('-') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 1;
}
