using System.Globalization;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>How things of ours are known again: by the description that Neutron sets with the thing itself, and by a server's metadata.</summary>
/// <remarks>Tags would be a second request, and what is killed between the two would be nobody's.</remarks>
internal static class CloudMarkers
{
    /// <summary>Metadata of servers.</summary>
    public const string LabKey = "org.kubelab.lab";

    private const string Mark = "kubelab: ";

    /// <summary>The name of what a lab has once: network, subnet, router, security group, key pair, server group.</summary>
    public static string Name(string lab) => $"kubelab-{lab}";

    /// <summary>The description of what a lab has once.</summary>
    public static string OfLab(string lab) => Mark + lab;

    /// <summary>The description of what is a machine's alone: its port, its floating IP.</summary>
    public static string OfMachine(string lab, string machine) => $"{Mark}{lab}/{machine}";

    /// <summary>The lab, and the machine where it is of one, that a description names; null where it is not ours.</summary>
    public static (string Lab, string? Machine)? Read(string description) =>
        !description.StartsWith(Mark, StringComparison.Ordinal) ? null
        : description[Mark.Length..].Split('/') is [var lab, .. var rest] && rest.Length <= 1 ? (lab, rest.FirstOrDefault()) : null;

    /// <summary>The lab of a server; null where it is not ours.</summary>
    public static string? Lab(Server server) => server.Metadata.GetValueOrDefault(LabKey);

    /// <summary>The number at the end of a machine's name, as 3 in kubernetes-3; 1 where there is none.</summary>
    public static int Number(string machine) =>
        int.TryParse(machine[(machine.LastIndexOf('-') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 1;
}
