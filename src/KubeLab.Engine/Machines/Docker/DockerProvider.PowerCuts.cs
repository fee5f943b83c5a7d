using System.Globalization;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Machines.Docker;

/// <remarks>A power cut is a killed container and an empty volume, whose labels every computer with access to the engine can read.</remarks>
public sealed partial class DockerProvider : IPowerCuts, IMachineConsole
{
    private const string CutMark = "power-cut", StartedLabel = "org.kubelab.started", EndsLabel = "org.kubelab.ends", IdLabel = "org.kubelab.id";

    /// <inheritdoc/>
    public IHost OpenConsole(Machine machine) => new ContainerConsole(docker, machine);

    /// <inheritdoc/>
    public async Task CutAsync(Machine machine, PowerCut cut, CancellationToken stop)
    {
        var inspect = new DockerCommand("container", "inspect", "--format", "{{.State.Status}} {{.State.StartedAt}}", machine.Id);
        var booted = await docker.CheckAsync(machine.Name, inspect, stop);
        if (booted.Split(' ') is not ["running", var started])
            throw new KlException(ErrorIds.FaultTargetGone, KlErrorKind.NotFound, machine.Name, $"{machine.Name} is not running.", "Start it first.");
        static string Text(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);
        string[] labels = [$"{NodeContainer.Mark}={CutMark}", $"{NodeContainer.LabLabel}={machine.Lab}", $"{NodeContainer.MachineLabel}={machine.Name}",
            $"{StartedLabel}={Text(cut.Started)}", $"{EndsLabel}={Text(cut.Ends)}", $"{IdLabel}={cut.Id}"];
        await docker.CheckAsync(machine.Name, new(["volume", "create", .. labels.SelectMany(label => new[] { "--label", label }), Volume(cut)]), stop);
        try
        {
            await docker.StartLaterAsync(new(machine.Id, started, Volume(cut)), cut.Ends - cut.Started, stop);
            await docker.CheckAsync(machine.Name, new("kill", machine.Id), stop);
        }
        catch
        {
            await docker.RunAsync(new("volume", "rm", Volume(cut)), CancellationToken.None);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PowerCut>> ListCutsAsync(CancellationToken stop)
    {
        const string Format = "{{.Label \"" + IdLabel + "\"}} {{.Label \"" + NodeContainer.MachineLabel + "\"}} {{.Label \"" + NodeContainer.LabLabel
            + "\"}} {{.Label \"" + StartedLabel + "\"}} {{.Label \"" + EndsLabel + "\"}}";
        var lines = await docker.CheckAsync("docker", new("volume", "ls", "--filter", $"label={NodeContainer.Mark}={CutMark}", "--format", Format), stop);
        return [.. lines.Split('\n').Select(line => line.Trim().Split(' ')).Where(words => words.Length == 5)
            .Select(words => new PowerCut(words[0], words[1], words[2], Time(words[3]), Time(words[4])))];
        static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public async Task RestoreAsync(PowerCut cut, CancellationToken stop)
    {
        foreach (var container in (await ContainersAsync(cut.Lab, stop)).Where(one => one.Name.TrimStart('/') == cut.Machine))
            await docker.CheckAsync(cut.Machine, new("start", container.Id), stop);
        await docker.RunAsync(new("volume", "rm", Volume(cut)), stop);
    }

    private static string Volume(PowerCut cut) => $"kubelab-power-cut-{cut.Id}";
}
