namespace KubeLab.Engine.Machines.Docker;

/// <summary>The specification of a Docker machine.</summary>
/// <param name="Lab">The lab.</param>
/// <param name="Name">The machine's name.</param>
/// <param name="Image">The base image, Debian or Ubuntu. Null: the image of the lab's other machines, or the default.</param>
/// <param name="NoCache">Whether the machine is not created from a prepared image.</param>
public sealed record DockerMachineSpec(string Lab, string Name, string? Image = null, bool NoCache = false) : MachineSpec(Lab, Name);
