using KubeLab.Engine.Machines;
using Renci.SshNet;

namespace KubeLab.Tests.Machines;

public sealed class LabKeysTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly LabKeys _keys;

    public LabKeysTests() => _keys = new(_folder.Path, TimeProvider.System);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ssh_accepts_the_key_pair_and_only_its_owner_can_read_it()
    {
        var line = await _keys.PublicKeyAsync("lab", default);
        var endpoint = _keys.Endpoint("lab", "lab-1", "127.0.0.1", 20001);
        using var key = new PrivateKeyFile(endpoint.IdentityFile!);
        Assert.StartsWith("ssh-ed25519 " + Convert.ToBase64String(((Renci.SshNet.Security.KeyHostAlgorithm)key.HostKeyAlgorithms.First()).Data),
            line, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(endpoint.IdentityFile!));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(Path.GetDirectoryName(endpoint.IdentityFile)!));
        }
    }

    [Fact]
    public async Task Parallel_sessions_get_one_key()
    {
        var lines = await Task.WhenAll(Enumerable.Range(0, 10)
            .Select(_ => Task.Run(() => new LabKeys(_folder.Path, TimeProvider.System).PublicKeyAsync("lab", default))));
        Assert.Single(lines.Distinct());
    }

    [Fact]
    public async Task A_machine_that_is_recreated_during_its_removal_keeps_its_keys()
    {
        await _keys.PublicKeyAsync("lab", default);
        await _keys.StoreAsync("lab", "lab-1", "ssh-ed25519 NEW", default);
        await _keys.RemoveAsync("lab", "lab-1", _ => Task.FromResult<IReadOnlyCollection<string>>(["lab-1"]), default);
        Assert.True(_keys.HasKeys("lab", "lab-1"));
    }

    [Fact]
    public async Task The_remaining_machines_are_read_under_the_lock()
    {
        var key = await _keys.PublicKeyAsync("lab", default);
        Task<string>? made = null;
        await _keys.RemoveAsync("lab", "lab-1", _ =>
        {
            made = new LabKeys(_folder.Path, TimeProvider.System).PublicKeyAsync("lab", default);
            return Task.FromResult<IReadOnlyCollection<string>>([]);
        }, default);
        Assert.NotEqual(key, await made!);
        Assert.True(File.Exists(_keys.Endpoint("lab", "lab-1", "127.0.0.1", 22).IdentityFile));
    }

    [Fact]
    public async Task Host_keys_stored_in_parallel_are_all_kept_and_the_newest_wins()
    {
        await Task.WhenAll(Enumerable.Range(1, 10).Select(n =>
            Task.Run(() => new LabKeys(_folder.Path, TimeProvider.System).StoreAsync("lab", $"lab-{n}", "ssh-ed25519 OLD", default))));
        await _keys.StoreAsync("lab", "lab-1", "ssh-ed25519 NEW", default);
        await _keys.RemoveAsync("lab", "lab-2", isLast: false, default);
        var lines = await File.ReadAllLinesAsync(_keys.Endpoint("lab", "lab-1", "127.0.0.1", 22).KnownHostsFile!);
        Assert.Equal(9, lines.Length);
        Assert.Equal(["lab-1 ssh-ed25519 NEW"], lines.Where(line => line.StartsWith("lab-1 ", StringComparison.Ordinal)));
        Assert.Contains("lab-10 ssh-ed25519 OLD", lines);
    }
}
