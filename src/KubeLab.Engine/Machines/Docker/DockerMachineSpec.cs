namespace KubeLab.Engine.Machines.Docker;

/// <summary>What a machine of the Docker provider should be.</summary>
/// <param name="Lab">The lab it belongs to.</param>
/// <param name="Name">Its name.</param>
/// <param name="Image">The image of Debian or Ubuntu that it is made of.</param>
public sealed record DockerMachineSpec(string Lab, string Name, string Image) : MachineSpec(Lab, Name);
