using System.Text;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;
using KubeLab.Engine.Remote.Files;

namespace KubeLab.Engine.Machines;

/// <summary>Copies files and folders to and from machines, as root.</summary>
/// <param name="hosts">Opens the machines.</param>
public sealed class MachineFiles(IHostPool hosts)
{
    /// <summary>Copies a file or folder to a machine.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="path">The local file or folder.</param>
    /// <param name="destination">The path on the machine: an existing folder, or the new name of the item.</param>
    /// <param name="events">Receives a warning for each skipped entry.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">CopyFailed, FileNotFound, and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public Task SendAsync(Machine machine, string path, string destination, IProgress<LabEvent> events, CancellationToken stop) =>
        FileCopy.SendAsync(new Peer(hosts, machine), FileCopy.Existing(path), destination, events, stop);

    /// <summary>Copies a file or folder from a machine.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="path">The file or folder on the machine.</param>
    /// <param name="destination">The local path: an existing folder, or the new name of the item. If this path is itself a link, it is followed.</param>
    /// <param name="events">Receives a warning for each skipped entry.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <returns>The local path of the item.</returns>
    /// <exception cref="KlException">CopyFailed, and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public Task<string> ReceiveAsync(Machine machine, string path, string destination, IProgress<LabEvent> events, CancellationToken stop) =>
        FileCopy.ReceiveAsync(new Peer(hosts, machine), path, destination, events, stop);

    private sealed class Peer(IHostPool hosts, Machine machine) : CopyPeer(machine.Name, machine.Name)
    {
        public override string Kind => "machine";

        public override bool NeedsLength => false;

        public override async Task<int> RunAsync(
            string[] command, Stream? input, Func<bool, ReadOnlyMemory<byte>, ValueTask> write, CancellationToken stop)
        {
            await using var host = hosts.Open(machine.Name, machine.Ssh);
            var result = await host.PipeAsync(new(command[0], command[1..]) { InputStream = input },
                data => write(false, data).AsTask().GetAwaiter().GetResult(), stop);
            await write(true, Encoding.UTF8.GetBytes(result.Error));
            return result.ExitCode;
        }
    }
}
