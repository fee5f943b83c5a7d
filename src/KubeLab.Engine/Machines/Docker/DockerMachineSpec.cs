namespace KubeLab.Engine.Machines.Docker;

/// <summary>The specification of a Docker machine.</summary>
/// <param name="Lab">The lab.</param>
/// <param name="Name">The machine's name.</param>
/// <param name="Image">The base image, Debian or Ubuntu. Null: the image of the lab's other machines, or the default.</param>
public sealed record DockerMachineSpec(string Lab, string Name, string? Image = null) : MachineSpec(Lab, Name);
